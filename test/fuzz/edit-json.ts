/** Damage to JSON: to its text, or to what it says. */
import { editText } from "./edit-text.ts";
import { editTree } from "./edit-tree.ts";
import type { Edit } from "./plan.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function editJson(bytes: Uint8Array, list: readonly Edit[], level: number): Uint8Array {
  const text = decoder.decode(bytes);
  if (level % 4 === 0) return encoder.encode(editText(text, list));
  const root = { value: JSON.parse(text) as unknown };
  editTree(root, list, { isTyped: false });
  return encoder.encode(JSON.stringify(root.value) ?? "undefined");
}

export const text = (value: string): Uint8Array => encoder.encode(value);
export const json = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

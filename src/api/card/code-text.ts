/** Text of strangers, and numbers, as literals of the two languages that a card's snippets are in. */
import { visible } from "../../text/index.ts";

export type Language = "javascript" | "python";

/** A literal: what nobody sees, or what turns text around, is written as an escape. */
export function literal(text: string, language: Language): string {
  return visible(JSON.stringify(text), "", (character) => escaped(character, language));
}

export const literals = (texts: readonly string[], language: Language): string =>
  `[${texts.map((text) => literal(text, language)).join(", ")}]`;

export const numbers = (values: readonly number[]): string => `[${values.join(", ")}]`;

function escaped(character: string, language: Language): string {
  const code = character.codePointAt(0)!;
  const hex = (n: number, digits: number) => n.toString(16).padStart(digits, "0");
  if (code < 0x10000) return `\\u${hex(code, 4)}`;
  return language === "python" ? `\\U${hex(code, 8)}` : `\\u{${hex(code, 1)}}`;
}

/** Lines without the indentation of a template, and without the empty ones around them. */
export function lines(...parts: readonly (string | null | false | undefined)[]): string {
  return parts.filter((part): part is string => typeof part === "string").join("\n");
}

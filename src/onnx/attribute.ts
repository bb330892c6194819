import type { Tensor } from "../tensor/index.ts";
import { ModelError } from "./errors.ts";

/** A float attribute; a plain number is an integer one, as most ONNX attributes are. */
export interface FloatAttribute {
  readonly float: number;
}
/** A list of floats; a plain list of numbers is a list of integers. */
export interface FloatsAttribute {
  readonly floats: readonly number[];
}
/** An attribute that this project carries through without reading it (subgraphs, sparse tensors, type protos). */
export interface OpaqueAttribute {
  readonly opaque: Uint8Array;
}

export type Attribute =
  | number
  | readonly number[]
  | string
  | readonly string[]
  | Tensor
  | FloatAttribute
  | FloatsAttribute
  | OpaqueAttribute;

export type Attributes = Readonly<Record<string, Attribute>>;

/** Marks a number as a float attribute: `{ epsilon: float(1e-5) }`. */
export const float = (value: number): FloatAttribute => ({ float: value });

/** Anything that has attributes, and a name for the error message. */
interface Attributed {
  readonly opType: string;
  readonly name: string;
  readonly attributes: Attributes;
}

const isInts = (a: Attribute | undefined): a is readonly number[] =>
  Array.isArray(a) && a.every((v) => typeof v === "number");

function wrongKind(node: Attributed, key: string, expected: string): never {
  throw new ModelError(`Attribute "${key}" of ${describeNode(node)} is missing or is not ${expected}.`);
}

/** `Conv node "conv1"`, for messages. */
export const describeNode = (node: { opType: string; name: string }): string =>
  `${node.opType} node "${node.name || "(unnamed)"}"`;

export function intAttribute(node: Attributed, key: string, fallback?: number): number {
  const value = node.attributes[key] ?? fallback;
  return typeof value === "number" ? value : wrongKind(node, key, "an integer");
}

export function intsAttribute(
  node: Attributed,
  key: string,
  fallback?: readonly number[],
): readonly number[] {
  const value = node.attributes[key] ?? fallback;
  return isInts(value) ? value : wrongKind(node, key, "a list of integers");
}

export function floatAttribute(node: Attributed, key: string, fallback?: number): number {
  const value = node.attributes[key] ?? (fallback === undefined ? undefined : float(fallback));
  return typeof value === "object" && "float" in value ? value.float : wrongKind(node, key, "a float");
}

export function stringAttribute(node: Attributed, key: string, fallback?: string): string {
  const value = node.attributes[key] ?? fallback;
  return typeof value === "string" ? value : wrongKind(node, key, "a string");
}

export function tensorAttribute(node: Attributed, key: string): Tensor {
  const value = node.attributes[key];
  return typeof value === "object" && "dtype" in value ? value : wrongKind(node, key, "a tensor");
}

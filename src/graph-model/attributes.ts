/** A node's attributes, as protobuf writes them in JSON: numbers as text, text in base64. */
import { ModelError } from "../onnx/index.ts";
import { ownValue } from "../keras/archive/index.ts";
import { shown } from "../options/index.ts";

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Reads attributes by name. Each throws a ModelError for one that is missing without a fallback, or of another kind. */
export class NodeAttributes {
  readonly #attributes: unknown;

  /** @param attributes  a node's `attr`, as parsed */
  constructor(attributes: unknown) {
    this.#attributes = attributes;
  }

  text(key: string, fallback?: string): string {
    const value = this.#value(key, "s");
    return value === undefined ? given(key, fallback) : textOf(key, value);
  }

  texts(key: string, fallback?: readonly string[]): readonly string[] {
    const list = this.#list(key, "s");
    return list === undefined ? given(key, fallback) : list.map((item) => textOf(key, item));
  }

  whole(key: string, fallback?: number): number {
    const value = this.#value(key, "i");
    return value === undefined ? given(key, fallback) : wholeOf(key, value);
  }

  wholes(key: string, fallback?: readonly number[]): readonly number[] {
    const list = this.#list(key, "i");
    return list === undefined ? given(key, fallback) : list.map((item) => wholeOf(key, item));
  }

  number(key: string, fallback?: number): number {
    const value = this.#value(key, "f") ?? this.#value(key, "i");
    if (value === undefined) return given(key, fallback);
    const number = typeof value === "string" ? Number(value) : value;
    return typeof number === "number" && !Number.isNaN(number) ? number : wrong(key, value, "a number");
  }

  truth(key: string, fallback = false): boolean {
    const value = this.#value(key, "b");
    return value === undefined
      ? fallback
      : typeof value === "boolean"
        ? value
        : wrong(key, value, "true or false");
  }

  /** An element type, as "DT_FLOAT"; undefined where there is none. */
  type(key: string): string | undefined {
    const value = this.#value(key, "type");
    if (value === undefined) return undefined;
    if (typeof value === "string") return value;
    return typesByNumber.get(value as number) ?? wrong(key, value, "an element type");
  }

  /** A shape, null for a length that is open; undefined where there is none, or its rank is not known. */
  shape(key: string): readonly (number | null)[] | undefined {
    return shapeOf(key, this.#value(key, "shape"));
  }

  #value(key: string, kind: string): unknown {
    const value = ownValue(ownValue(this.#attributes, key), kind);
    return value === null ? undefined : value;
  }

  #list(key: string, kind: string): readonly unknown[] | undefined {
    const list = this.#value(key, "list");
    if (list === undefined) return undefined;
    // Of an empty list nothing says of what kind it is.
    const items = ownValue(list, kind) ?? [];
    return Array.isArray(items) ? (items as unknown[]) : wrong(key, items, "a list");
  }
}

/** A shape as protobuf writes it: { dim: [{ size: "224" }] }, −1 for an open length. */
export function shapeOf(key: string, value: unknown): readonly (number | null)[] | undefined {
  if (value === undefined || ownValue(value, "unknownRank") === true) return undefined;
  const dims = ownValue(value, "dim") ?? [];
  if (!Array.isArray(dims)) return wrong(key, value, "a shape");
  return dims.map((dim: unknown) => {
    const length = wholeOf(key, ownValue(dim, "size") ?? -1);
    return length < 0 ? null : length;
  });
}

/** Element types by their numbers in TensorFlow's types.proto. */
const typesByNumber: ReadonlyMap<number, string> = new Map([
  [1, "DT_FLOAT"],
  [2, "DT_DOUBLE"],
  [3, "DT_INT32"],
  [4, "DT_UINT8"],
  [7, "DT_STRING"],
  [9, "DT_INT64"],
  [10, "DT_BOOL"],
  [19, "DT_HALF"],
]);

function textOf(key: string, value: unknown): string {
  if (Array.isArray(value) && value.every((code) => Number.isInteger(code) && code >= 0 && code < 256)) {
    return String.fromCharCode(...(value as number[]));
  }
  if (typeof value !== "string" || !base64.test(value)) return wrong(key, value, "text in base64");
  try {
    return atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return wrong(key, value, "text in base64");
  }
}

function wholeOf(key: string, value: unknown): number {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : wrong(key, value, "a whole number");
}

const given = <T>(key: string, fallback: T | undefined): T => fallback ?? wrong(key, undefined, "there");

function wrong(key: string, value: unknown, needed: string): never {
  const what = value === undefined ? "is missing" : `must be ${needed}, not ${shown(value)}`;
  throw new ModelError(`its attribute "${key}" ${what}. The file is damaged: convert the model anew.`);
}

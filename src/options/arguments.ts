/** Checks of what public functions are called with. Each says what was given, and what to give instead. */
import { UsageError } from "../tensor/index.ts";
import { isRecord, isThenable, kindOf, shown } from "./shown.ts";

/**
 * Throws for an argument that is not what a function takes; for a Promise, with the word that was forgotten.
 *
 * @param where   the function, as "fit"
 * @param what    the argument, as "data"
 * @param needed  what it takes, as "a data set"
 * @param advice  what to do, a sentence
 */
export function refuse(where: string, what: string, value: unknown, needed: string, advice = ""): never {
  const fault = `${where} takes ${needed} as its ${what}, not ${shown(value)}.`;
  if (isThenable(value)) throw new UsageError(`${fault} Write await before what makes it.`);
  throw new UsageError(advice === "" ? fault : `${fault} ${advice}`);
}

/** @throws UsageError for anything but a string that is not empty */
export function checkString(where: string, what: string, value: unknown, needed = "a string"): void {
  if (typeof value !== "string" || value === "") refuse(where, what, value, needed);
}

/** @throws UsageError for anything but a function */
export function checkFunction(where: string, what: string, value: unknown): void {
  if (typeof value !== "function") refuse(where, what, value, "a function");
}

/** @throws UsageError for anything but an object with members */
export function checkRecord(where: string, what: string, value: unknown, needed: string, advice = ""): void {
  if (!isRecord(value)) refuse(where, what, value, needed, advice);
}

/** Whether it is a list or a typed array, of this realm or another. */
export const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && kindOf(value) !== "DataView");

/** Whether it is a list of strings. */
export const areNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

/** Whether it holds bytes; a Buffer does. */
export const isBytes = (value: unknown): value is Uint8Array => kindOf(value) === "Uint8Array";

/** Whether it is [C, H, W]: three whole numbers from 1. */
export const isImageShape = (
  value: unknown,
): value is readonly [channels: number, height: number, width: number] =>
  isArrayLike(value) &&
  value.length === 3 &&
  Array.from(value).every((n) => Number.isInteger(n) && (n as number) > 0);

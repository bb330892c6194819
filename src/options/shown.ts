/** What somebody gave, in a few words: the half of a message that says what is wrong. */

/** Characters of a string, and members of an object, that are shown. */
const LONGEST = 60;
const MEMBERS = 6;

/** A value as a message names it: `"cosine"`, `NaN`, `a Promise`, `a list of 3`, `an object with train, test`. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "string":
      return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return value.name === "" ? "a function" : `the function ${value.name}`;
    case "object":
      return value === null ? "null" : shownObject(value);
    default:
      return String(value);
  }
}

function shownObject(value: object): string {
  if (isThenable(value)) return "a Promise";
  const kind = kindOf(value);
  if (Array.isArray(value)) return shownList(value);
  if (ArrayBuffer.isView(value) && "length" in value)
    return `${withArticle(kind)} of ${String(value.length)}`;
  if (kind !== "Object") return withArticle(kind);
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  const more = keys.length > MEMBERS ? ", …" : "";
  return `an object with ${keys.slice(0, MEMBERS).join(", ")}${more}`;
}

/** A short list of plain values as it is, any other by its length. */
function shownList(list: readonly unknown[]): string {
  if (list.length === 0) return "an empty list";
  const isPlain = list.every((item) => typeof item !== "object" && typeof item !== "function");
  const text = isPlain ? `[${list.map(shown).join(", ")}]` : "";
  return isPlain && text.length <= LONGEST ? text : `a list of ${list.length}`;
}

const withArticle = (noun: string): string => `${/^[AEIOU]/.test(noun) ? "an" : "a"} ${noun}`;

/**
 * The name of a value's class among the language's own, "Object" for all others; the same for values of another realm,
 * such as those that a test runner's sandbox makes.
 */
export const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Whether it is what an async function returns, whose `await` was forgotten. */
export const isThenable = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { readonly then?: unknown }).then === "function";

/** An object with members to look at: no list, no array of numbers, no Promise. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !isThenable(value);

/** A record of options: no Map, no Date, nothing of the language's own. */
export const isOptions = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && kindOf(value) === "Object";

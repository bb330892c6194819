/** Damage to data in the form of a tree: JSON, and protobuf messages, whose fields keep their types. */
import { type Edit, pick } from "./plan.ts";
import { numbers, oddNumbers, words } from "./words.ts";

type Container = Record<string | number, unknown>;

/** A value in the tree, and what holds it. */
interface Place {
  readonly holder: Container;
  readonly key: string | number;
}

export interface TreeOptions {
  /** Whether a value may be replaced by one of another type. A protobuf message cannot hold such. */
  readonly isTyped: boolean;
}

/** Of long lists of numbers only so many are places: the rest are alike. */
const LISTED = 6;

/** Changes the tree in place. */
export function editTree(tree: object, list: readonly Edit[], { isTyped }: TreeOptions): void {
  for (const [how, where, what] of list) {
    const places = [...placesIn(tree)];
    if (places.length === 0) return;
    // Kinds of values are equally likely, whatever there is most of.
    const kinds = new Set(places.map((place) => kindOf(valueOf(place))));
    const kind = pick([...kinds], where);
    const alike = places.filter((place) => kindOf(valueOf(place)) === kind);
    const place = pick(alike, Math.floor(where / 7));
    const other = pick(alike, Math.floor(what / 16));
    apply(place, other, how, what, isTyped);
  }
}

function apply(place: Place, other: Place, how: number, what: number, isTyped: boolean): void {
  const { holder, key } = place;
  const value = valueOf(place);
  const action = how % (isTyped ? 7 : 10);
  if (action === 0) return remove(place, isTyped);
  if (action === 1 && Array.isArray(holder))
    return void holder.splice(Number(key), 0, structuredClone(value));
  if (action <= 2) {
    // Copies: one may hold the other, and a tree is to stay one.
    holder[key] = structuredClone(valueOf(other));
    other.holder[other.key] = structuredClone(value);
    return;
  }
  if (action === 3) {
    holder[key] = structuredClone(valueOf(other));
    return;
  }
  if (action <= 6) {
    holder[key] = odd(value, what, isTyped);
    return;
  }
  if (action === 7) {
    holder[key] = pick(
      [null, true, "x", 1, -1, 0.5, [], {}, [[]], { a: {} }, "", [1, 2], ["a"]] as unknown[],
      what,
    );
    return;
  }
  if (action === 8) {
    holder[key] = what % 2 === 0 ? [value] : { [pick(words, what)]: value };
    return;
  }
  if (Array.isArray(holder)) holder.push(structuredClone(value));
  else
    Object.defineProperty(holder, pick(words, what), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

/** Another value of the same type. */
function odd(value: unknown, what: number, isTyped: boolean): unknown {
  switch (typeof value) {
    case "string":
      return what % 3 === 0 ? value.slice(0, what % (value.length + 1)) : pick(words, what);
    case "number":
      return isTyped && Number.isInteger(value)
        ? Math.trunc(pick(numbers, what) % 2 ** 31)
        : pick(oddNumbers, what);
    case "bigint":
      return pick(
        [...numbers.map((n) => BigInt(Math.trunc(n % 2 ** 40))), 2n ** 62n, -(2n ** 62n), 2n ** 32n],
        what,
      );
    case "boolean":
      return !value;
    default:
      if (value instanceof Uint8Array) return value.slice(0, what % (value.length + 1));
      if (Array.isArray(value)) return what % 2 === 0 ? [] : [...(value as unknown[])].reverse();
      return value;
  }
}

function remove({ holder, key }: Place, isTyped: boolean): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (!isTyped) delete holder[key];
  else holder[key] = emptied(holder[key]);
}

function emptied(value: unknown): unknown {
  if (typeof value === "string") return "";
  if (typeof value === "number") return 0;
  if (typeof value === "bigint") return 0n;
  if (typeof value === "boolean") return false;
  if (value instanceof Uint8Array) return new Uint8Array();
  return Array.isArray(value) ? [] : undefined;
}

const valueOf = ({ holder, key }: Place): unknown => holder[key];

const kindOf = (value: unknown): string =>
  value instanceof Uint8Array
    ? "bytes"
    : Array.isArray(value)
      ? "list"
      : value === null
        ? "null"
        : typeof value;

function* placesIn(root: object): Generator<Place> {
  const waiting = [root as Container];
  for (let holder = waiting.pop(); holder !== undefined; holder = waiting.pop()) {
    const keys = Array.isArray(holder) ? holder.keys() : Object.keys(holder);
    let numbersSeen = 0;
    for (const key of keys) {
      // A message's type, and which of its fields a union holds, are no data.
      if (key === "$typeName" || key === "$unknown" || (key === "case" && "value" in holder)) continue;
      const value = holder[key];
      if (value === undefined) continue;
      if (typeof value === "number" && Array.isArray(holder) && ++numbersSeen > LISTED) continue;
      yield { holder, key };
      if (typeof value === "object" && value !== null && !(value instanceof Uint8Array))
        waiting.push(value as Container);
    }
  }
}

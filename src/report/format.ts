import type { MethodResult, ScoreInterval } from "./record.ts";

/** A fraction as percent with one decimal, without the sign: 0.979 → `97.9`. */
export const percent = (fraction: number): string => (100 * fraction).toFixed(1);

/** A 95 % interval in percent: `[97.6, 98.2]`. */
export const percentRange = ({ low, high }: ScoreInterval): string => `[${percent(low)}, ${percent(high)}]`;

/** Seconds, with a decimal where it matters: `8.4`, `84`. */
export const seconds = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

/** A method with its regularizer: `rwa + squaredL2 (λ 0.01)`. Unique in a table of results, unlike `method`. */
export function methodLabel({
  method,
  regularizer,
  lambda,
}: Pick<MethodResult, "method" | "regularizer" | "lambda">): string {
  if (regularizer === null) return method;
  return `${method} + ${regularizer}${lambda === null ? "" : ` (λ ${lambda})`}`;
}

/** What the methods' abbreviations stand for. */
export const methodMeanings: ReadonlyMap<string, string> = new Map([
  ["base", "no augmentation"],
  ["va", "random augmentation"],
  ["rva", "random augmentation, aligned"],
  ["vwa", "worst-case augmentation"],
  ["rwa", "worst-case augmentation, aligned"],
]);

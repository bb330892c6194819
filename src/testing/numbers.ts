/** Numbers to try plug-ins with, and sentences of how far numbers are apart. */
import { type Tensor, float32, random, sizeOf } from "../tensor/index.ts";

/** Normal numbers, as few as the shape asks for. */
export function normals(seed: number, what: string, shape: readonly number[], scale = 1): Tensor {
  const rng = random(seed, "testing", what);
  return float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => scale * rng.normal()),
  );
}

/** The same rows in another order, or some of them. */
export function rowsOf({ shape: [, ...rest], data }: Tensor, order: readonly number[]): Tensor {
  const size = sizeOf(rest);
  const rows = order.flatMap((i) => Array.from((data as Float32Array).subarray(i * size, (i + 1) * size)));
  return float32([order.length, ...rest], rows);
}

/** A tensor [N, K] as rows. */
export const matrixOf = ({ shape: [rows, columns], data }: Tensor): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from((data as Float32Array).subarray(i * columns, (i + 1) * columns)),
  );

type Numbers = readonly number[] | Float32Array;

/** The first value that is not finite, a sentence; null where all are. */
export function notFinite(what: string, values: Numbers): string | null {
  const at = values.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? null : `${what} has ${values[at]} at place ${at} of ${values.length}.`;
}

/** How numbers that should be equal differ, a sentence; null where they do not by more than a share of the largest. */
export function apart(
  what: string,
  found: Numbers,
  expected: Numbers,
  { share, least = 1e-6 }: { readonly share: number; readonly least?: number },
): string | null {
  if (found.length !== expected.length) return `${what} has ${found.length} values, not ${expected.length}.`;
  let [largest, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    if (differs(found[i], expected[i]) > differs(found[worst], expected[worst])) worst = i;
  }
  const allowed = share * largest + least;
  if (expected.length === 0 || differs(found[worst], expected[worst]) <= allowed) return null;
  return `${what} is ${round(found[worst])} at place ${worst}, not ${round(expected[worst])}.`;
}

/** NaN where one is none is as far apart as can be. */
const differs = (a: number, b: number): number =>
  Object.is(a, b) ? 0 : Number.isNaN(a - b) ? Infinity : Math.abs(a - b);

const round = (value: number): string => String(Number(value.toPrecision(6)));

/**
 * A line of n samples, indices counted modulo n, as the part that is even about sample 0 and the part that is odd.
 * Cosines see the even part alone and sines the odd one, so each of their sums is half as long.
 */
export interface FoldedLine {
  /** Position i holds x[i] + x[−i], i = 0 … ⌊n/2⌋; samples 0 and n/2, their own mirror images, count once. */
  readonly even: Float64Array;
  /** Position i − 1 holds x[i] − x[−i], i = 1 … ⌈n/2⌉ − 1. */
  readonly odd: Float64Array;
}

export const foldedLine = (longest: number): FoldedLine => ({
  even: new Float64Array(longest),
  odd: new Float64Array(longest),
});

/** Folds source[start … start + n − 1]. */
export function fold(
  { even, odd }: FoldedLine,
  source: Float32Array | Float64Array,
  start: number,
  n: number,
): void {
  even[0] = source[start];
  let i = 1;
  for (let j = n - 1; i < j; i++, j--) {
    const a = source[start + i];
    const b = source[start + j];
    even[i] = a + b;
    odd[i - 1] = a - b;
  }
  if (2 * i === n) even[i] = source[start + i];
}

/** out[start + i·stride] = the even part + the odd part at i: the line whose two parts are given, i < n. */
export function addParts(
  { even, odd }: FoldedLine,
  out: Float32Array | Float64Array,
  start: number,
  stride: number,
  n: number,
): void {
  out[start] = even[0];
  let i = 1;
  for (let j = n - 1; i < j; i++, j--) {
    const a = even[i];
    const b = odd[i - 1];
    out[start + i * stride] = a + b;
    out[start + j * stride] = a - b;
  }
  if (2 * i === n) out[start + i * stride] = even[i];
}

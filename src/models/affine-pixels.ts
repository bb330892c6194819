import type { Preprocessing } from "./preprocessing.ts";

/** What a preprocessor does to each channel of bytes: scale·byte + offset. */
export interface AffinePixels {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/**
 * The same, of pixels in [0, 1].
 *
 * @param isOfBytes  bytes are not scaled: mean and std are in their units, and `inputRange` is 255
 * @returns a stated mean of 0 and std of 1 where nothing becomes of the pixels
 */
export function preprocessingOfBytes({ scale, offset }: AffinePixels, isOfBytes: boolean): Preprocessing {
  const factor = scale.map((s) => (isOfBytes ? s : s * 255));
  // (x − mean)/std = factor·x + offset
  const std = factor.map((f) => tidy(1 / f));
  const mean = factor.map((f, c) => tidy(-offset[c] / f));
  return { normalization: { mean, std }, ...(isOfBytes && { inputRange: 255 }) };
}

/** Without the last digits of 1/255 and its like. */
const tidy = (value: number): number => {
  const short = Number(value.toPrecision(10));
  return Object.is(short, -0) ? 0 : short;
};

import type { Normalization } from "../models/index.ts";

/** What the pixels, in [0, 1], are normalised by before they enter a model: (x − mean)/std for each channel. */
export interface NormalizationOptions {
  /** One number per channel (default: what the model's file says, else 0). */
  mean?: readonly number[];
  /** One number per channel (default: what the model's file says, else 1). */
  std?: readonly number[];
}

/** The stated normalisation; undefined where neither is stated. */
export function normalizationOf({ mean, std }: NormalizationOptions): Normalization | undefined {
  if (mean === undefined && std === undefined) return undefined;
  return { mean: mean ?? std!.map(() => 0), std: std ?? mean!.map(() => 1) };
}

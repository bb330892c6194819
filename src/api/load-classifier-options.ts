import type { NormalizationOptions } from "./normalization-options.ts";

/** Options of `loadClassifier`. */
export interface LoadClassifierOptions extends NormalizationOptions {
  /** Name of the logits (default: the first output; where that is a softmax, what goes into it). */
  output?: string;
}

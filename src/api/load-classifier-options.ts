import type { PreprocessingOptions } from "./preprocessing-options.ts";

/** Options of `loadClassifier`. */
export interface LoadClassifierOptions extends PreprocessingOptions {
  /**
   * Name of the logits (default: followed back from the outputs through softmax, log-softmax or sigmoid, and what changes
   * shape, type or name only).
   */
  output?: string;
  /** Names of the classes, in the order of the logits (default: what the file says). */
  classNames?: readonly string[];
}

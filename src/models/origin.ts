import type { Tensor } from "../tensor/index.ts";

/**
 * The way home of a classifier that was made of another file than ONNX. It goes through training with the classifier; a
 * saved ONNX file does not have it.
 */
export interface Origin {
  /** A `.keras` file, an `.h5` one, or a TensorFlow.js folder. */
  readonly format: "keras" | "h5" | "tfjs";
  /**
   * The files again, by name, with other numbers in them: one, or for TensorFlow.js model.json and its files of weights.
   *
   * @param initializers  by the names that the classifier's graph has for them; what is missing keeps the file's numbers
   */
  readonly written: (initializers: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Uint8Array>;
}

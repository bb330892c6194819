import type { PreprocessingOptions } from "./preprocessing-options.ts";

/** Options of `loadClassifier`. */
export interface LoadClassifierOptions extends PreprocessingOptions {
  /**
   * Name of the logits (default: followed back from the outputs through softmax, log-softmax or sigmoid, and what changes
   * shape, type or name only).
   */
  output?: string;
  /**
   * Path of a safetensors file, or of a model.safetensors.index.json that lists several, whose tensors take the place of the ONNX
   * file's initializers of their names (default: none).
   */
  weights?: string;
  /** Names of the classes, in the order of the logits (default: what the file says). */
  classNames?: readonly string[];
  /**
   * One image, [C, H, W], for a Keras model that leaves the size of its images open, as Input((None, None, 3)) does (default:
   * what the file says). An ONNX graph takes any size that it is fed.
   */
  imageShape?: readonly [channels: number, height: number, width: number];
}

import type { Tensor } from "../../tensor/index.ts";

/** A Keras model as its file holds it: a configuration and numbers by path. Nothing of it is built or run yet. */
export interface StoredModel {
  /** `.keras` (a zip), Keras 2's and 3's `.h5`, or a TensorFlow.js layers-model folder. */
  readonly format: "keras" | "h5" | "tfjs";
  /** config.json, the attribute `model_config`, or `modelTopology`: plain JSON as parsed, checked by whoever reads it. */
  readonly config: unknown;
  /** Keras' version as the file states it, such as "3.15.1"; undefined where it states none. */
  readonly kerasVersion: string | undefined;
  /**
   * The model's numbers by their path in the file, in the file's order, in Keras' shapes and orders of axes:
   * "layers/conv2d/vars/0" (`.keras`), "model_weights/conv/model/conv/kernel" (`.h5`), "conv/kernel" (TensorFlow.js).
   * The optimizer's and the metrics' own are not among them. float32 but for counters and seeds (int64, uint32 …).
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /**
   * The paths of each layer's tensors in the order of the layer's `weights`, by the layer's group: "layers/conv2d" →
   * ["layers/conv2d/vars/0", …]; in an `.h5`, "model_weights/conv" → by the attribute `weight_names`. Layers without
   * weights are missing; empty for TensorFlow.js, which goes by names.
   */
  readonly layerWeights: ReadonlyMap<string, readonly string[]>;
  /** The user's name of a layer by its group: "layers/conv2d" → "first_conv", where the file says it. */
  readonly layerNames: ReadonlyMap<string, string>;
  /** What a user should know, a sentence each. */
  readonly notes: readonly string[];
  /**
   * The file again, with these numbers in place of its own and all other bytes as they were, but for the optimizer's
   * variables: a fresh optimizer's, since theirs are of other weights. One file under its own name; for TensorFlow.js
   * model.json and every file of weights.
   *
   * @param values  by path, of the stored shape and type; what is missing keeps its numbers
   * @throws ShapeError, UsageError for a path or shape that the file does not have
   */
  readonly withTensors: (values: ReadonlyMap<string, Tensor>) => ReadonlyMap<string, Uint8Array>;
}

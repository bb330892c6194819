import type { GraphBuilder, Value } from "../onnx/index.ts";

/**
 * An alignment regularizer: how far the representations of two views of the same images are apart.
 *
 * @param z      clean representation, [N, K]
 * @param zView  representation of the augmented views, [N, K]; row i comes from the same image
 * @returns      one value ≥ 0 per sample, [N]
 */
export type Regularizer = (g: GraphBuilder, z: Value, zView: Value) => Value;

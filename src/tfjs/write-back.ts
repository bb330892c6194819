import * as tf from "@tensorflow/tfjs";
import { fromInitializer } from "../keras/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { BoundTfWeight } from "./convert.ts";

/**
 * Writes trained initializers into the weights that they stand for. What training left alone is not touched.
 *
 * @param before  initializers as they were converted
 * @param after   the same names, trained
 */
export function writeBack(
  weights: readonly BoundTfWeight[],
  before: ReadonlyMap<string, Tensor>,
  after: ReadonlyMap<string, Tensor>,
): void {
  for (const { weight, layout } of weights) {
    const { name, shape, variable } = weight;
    const trained = after.get(name)!;
    if (trained === before.get(name)) continue;
    const values = fromInitializer(trained.data as Float32Array, shape, layout);
    const tensor = tf.tensor(values, [...shape], "float32");
    variable.write(tensor);
    tensor.dispose();
  }
}

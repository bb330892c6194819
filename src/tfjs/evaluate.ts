import type * as tf from "@tensorflow/tfjs";
import { type EvaluateOptions, type EvaluationResult, evaluate as evaluateClassifier } from "../api/index.ts";
import type { Dataset, ImageSource } from "../data/index.ts";
import { convert } from "./convert.ts";

/**
 * Tests a TensorFlow.js model by the paper's procedure, on ONNX Runtime: clean, per-member and robust accuracy,
 * invariance score, alignment gap and efficiency, with 95 % intervals.
 *
 * @example
 * const scores = await evaluate(model, data, { transforms: rotation() });
 *
 * @throws UnsupportedLayerError for layers without a counterpart; UsageError when the model and the data do not fit
 */
export async function evaluate(
  model: tf.LayersModel,
  data: Dataset | ImageSource,
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  return evaluateClassifier((await convert(model, "evaluate")).classifier, data, options);
}

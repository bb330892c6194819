import type * as tf from "@tensorflow/tfjs";
import type { Classifier } from "../models/index.ts";
import { convert } from "./convert.ts";

/**
 * A TensorFlow.js model as an ONNX classifier, to save, test or train. It takes images [N, C, H, W] and gives the
 * logits: what goes into the model's last softmax. Initializers have the weights' names, inner tensors the layers'.
 *
 * @example
 * await saveClassifier(await toClassifier(model), "model.onnx");
 *
 * @param model  channels last, with one input of a fixed size and one output
 * @throws UnsupportedLayerError for layers without a counterpart; UsageError for a model that is no image classifier
 */
export const toClassifier = async (model: tf.LayersModel): Promise<Classifier> =>
  (await convert(model)).classifier;

import type * as tf from "@tensorflow/tfjs";
import type { Classifier } from "../models/index.ts";
import { convert } from "./convert.ts";
import { trainingNotes } from "./training-notes.ts";

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
export async function toClassifier(model: tf.LayersModel): Promise<Classifier> {
  const { classifier, calls } = await convert(model);
  const notes = [...(classifier.notes ?? []), ...trainingNotes(calls)];
  return notes.length > 0 ? { ...classifier, notes } : classifier;
}

import type * as tf from "@tensorflow/tfjs";
import {
  type FitOptions as ClassifierFitOptions,
  type FitResult as ClassifierFitResult,
  fit as fitClassifier,
  fitTable,
} from "../api/index.ts";
import type { Dataset, ImageSource } from "../data/index.ts";
import { checkOptions, isRecord } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkTraining } from "./check-training.ts";
import { rememberClassNames } from "./class-names.ts";
import { convert } from "./convert.ts";
import { trainingNotes } from "./training-notes.ts";
import { writeBack } from "./write-back.ts";

/** Options of `fit`, as for ONNX classifiers. What trains is said by the layers' `trainable`. */
export type FitOptions = Omit<ClassifierFitOptions, "trainable">;

export interface FitResult extends Omit<ClassifierFitResult, "model"> {
  /** The model that was passed in, with its trained weights. */
  readonly model: tf.LayersModel;
}

/**
 * Trains a TensorFlow.js model by one of the paper's methods. ONNX Runtime does the work; the trained weights and
 * moving statistics are then written into the same model object. Nothing is written if training fails.
 *
 * Weights of layers with `trainable = false` stay as they are, bit for bit, and so do the statistics of such a
 * BatchNormalization, which TensorFlow.js would move. The model need not be compiled; the loss is the cross-entropy of
 * its softmax, or of its outputs as logits if it has none; the layers' l1 and l2 regularizers are added to it.
 *
 * @example
 * await fit(model, data, { method: "rwa", transforms: rotation() });
 *
 * @throws UnsupportedLayerError for layers without a counterpart; UsageError for a model that is no image classifier,
 *         for constraints and other regularizers of layers; and what `fit` of "alignreg" throws
 */
export async function fit(
  model: tf.LayersModel,
  data: Dataset | ImageSource,
  options: FitOptions = {},
): Promise<FitResult> {
  if (isRecord(options) && "trainable" in options) {
    throw new UsageError(`Set trainable = false on the layers that are to stay, and leave the option out.`);
  }
  checkOptions<FitOptions>("fit", fitTable, options);
  const { classifier, calls, weights } = await convert(model, "fit");
  checkTraining(model.name, calls);
  const ids = new Set(model.trainableWeights.map(({ id }) => id));
  const trainable = weights
    .filter(({ weight }) => ids.has(weight.variable.id))
    .map(({ weight }) => weight.name);
  if (trainable.length === 0) {
    throw new UsageError(
      `No weight of the model "${model.name}" trains. Set trainable = true on it and on a layer with weights.`,
    );
  }
  const noted = { ...classifier, notes: [...(classifier.notes ?? []), ...trainingNotes(calls)] };
  const trained = await fitClassifier(noted, data, { ...options, trainable });
  writeBack(weights, classifier.graph.initializers, trained.model.graph.initializers);
  if (trained.model.classNames) rememberClassNames(model, trained.model.classNames);
  return { ...trained, model };
}

/** A TensorFlow.js model as an ONNX classifier that knows which weight each initializer is. */
import type * as tf from "@tensorflow/tfjs";
import { type LayerCall, type WeightLayout, buildModel } from "../keras/index.ts";
import type { Classifier } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";
import { byteProblems } from "./byte-problems.ts";
import { checkLayersModel } from "./check-arguments.ts";
import { classNamesOf } from "./class-names.ts";
import { isModel } from "./is-model.ts";
import { layerCalls } from "./layer-calls.ts";
import { type TfWeight, modelLayers, readWeights } from "./model-layers.ts";

/** A weight of a TensorFlow.js model, whose initializer has its name. */
export interface BoundTfWeight {
  readonly weight: TfWeight;
  readonly layout: WeightLayout;
}

export interface ConvertedModel {
  readonly classifier: Classifier;
  readonly calls: readonly LayerCall[];
  readonly weights: readonly BoundTfWeight[];
}

/**
 * Converts a model; its weights are copied, and the model stays as it is.
 *
 * @throws UnsupportedLayerError for layers without a counterpart; UsageError for a model that is no image classifier
 */
export async function convert(model: tf.LayersModel, where = "toClassifier"): Promise<ConvertedModel> {
  checkLayersModel(where, model);
  const imageShape = imageShapeOf(model);
  const called = layerCalls(model);
  const weights = await readWeights(model);
  const layers = modelLayers(called.calls, weights);
  const calls = called.calls.map((call): LayerCall => ({ ...call, layer: layers.get(call.layer)! }));
  const { classifier, weights: bound } = buildModel(
    { name: model.name, imageShape, calls, output: called.output },
    {
      problems: byteProblems(calls),
      advice: "Replace them, or train the model in a loop of your own with alignmentLoss.",
      dialect: "tfjs",
    },
  );
  const classNames = classNamesOf(model);
  return {
    classifier: { ...classifier, ...(classNames && { classNames }) },
    calls,
    weights: bound as readonly BoundTfWeight[],
  };
}

/** [H, W, C] of the model's one input. */
function imageShapeOf(model: tf.LayersModel): readonly [number, number, number] {
  if (!isModel(model)) {
    throw new UsageError(
      "What was passed is no layers model of TensorFlow.js. Pass what tf.sequential, tf.model or loadLayersModel gives; " +
        "a graph model keeps no layers.",
    );
  }
  const { name, inputs, outputs } = model;
  if (!inputs?.length || !outputs?.length) {
    throw new UsageError(`The model "${name}" is not built. Give its first layer an inputShape.`);
  }
  if (inputs.length > 1 || outputs.length > 1) {
    throw new UsageError(
      `An image classifier has one input and one output; the model "${name}" has ${inputs.length} and ` +
        `${outputs.length}. Make a model of the part that classifies: tf.model({ inputs, outputs }).`,
    );
  }
  const shape = inputs[0].shape.slice(1);
  if (shape.length !== 3 || !shape.every((n) => n !== null && n > 0)) {
    throw new UsageError(
      `An image classifier takes images [height, width, channels] of a fixed size; the model "${name}" takes ` +
        `[${shape.map((n) => n ?? "?").join(", ")}]. Give its first layer such an inputShape, with a Flatten or ` +
        `Reshape behind it if the next one takes vectors.`,
    );
  }
  return shape as [number, number, number];
}

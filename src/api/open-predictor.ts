/** Asking a model in Node: pictures from files, by sharp, and ONNX Runtime's native half. */
import { type Picture, openPictures, pictureName } from "../data/index.ts";
import { type Classifier, isClassifier } from "../models/index.ts";
import { InvalidModelError, ModelError } from "../onnx/index.ts";
import { type ImageBatch, sizeOf } from "../tensor/index.ts";
import { evaluationForm, isTrainingForm } from "../train/index.ts";
import { checkRows } from "./check-rows.ts";
import { classifierFrom } from "./classifier-from.ts";
import { modelSource } from "./model-source.ts";
import { type OpenedTestable, openTestable } from "./open-testable.ts";
import type { PredictionOptions } from "./prediction-options.ts";
import { Predictor, type PredictorFacts } from "./predictor.ts";
import { takenImages } from "./taken-images.ts";

/** What can be asked about pictures. */
export type Predictable = Classifier | string | Uint8Array;

/** @throws UsageError, ModelError for what is no model */
export async function openPredictor(
  model: Predictable,
  options: PredictionOptions,
): Promise<Predictor<Picture>> {
  const isOwn = isClassifier(model) && isTrainingForm(model.graph);
  const asked = isOwn ? { ...model, graph: evaluationForm(model.graph, model.input) } : model;
  const { output, mean, std, inputRange, channelOrder, executionProvider, threads } = options;
  const opening = { output, mean, std, inputRange, channelOrder, executionProvider, threads };
  return new Predictor<Picture>(
    {
      facts: await factsOf(model, options),
      openPictures,
      nameOf: pictureName,
      async openModel(shape) {
        const testable = await openTestable(asked, shape, opening);
        return testable.isTrainedHere
          ? testable
          : { ...testable, checkRows: (images, batchSize) => rowNotes(testable, images, batchSize) };
      },
    },
    options,
  );
}

async function rowNotes(
  testable: OpenedTestable,
  images: ImageBatch,
  batchSize: number,
): Promise<readonly string[]> {
  const [count, ...shape] = images.shape;
  const size = sizeOf(shape);
  const data = {
    shape: shape,
    labels: new Int32Array(count),
    read: (indices: ArrayLike<number>, out: Float32Array) => {
      Array.from(indices, (index, i) =>
        out.set(images.data.subarray(index * size, (index + 1) * size), i * size),
      );
      return Promise.resolve();
    },
  };
  const check = { ...testable, mayDraw: testable.graph === null };
  return (await checkRows(check, data, Math.min(batchSize, Math.max(2, count)))).notes;
}

async function factsOf(model: Predictable, options: PredictionOptions): Promise<PredictorFacts> {
  if (isClassifier(model)) return { taken: takenImages(model), transforms: model.transforms };
  const { output, size, channels = 3 } = options;
  const given = typeof size === "number" ? ([size, size] as const) : size;
  try {
    const imageShape = given && ([channels, ...given] as const);
    const name = typeof model === "string" ? model : "The model";
    const classifier = await classifierFrom(await modelSource(model), { output, imageShape }, name);
    return { taken: takenImages(classifier), transforms: classifier.transforms };
  } catch (error) {
    // Perhaps ONNX Runtime reads it.
    if (error instanceof ModelError && !(error instanceof InvalidModelError)) return { taken: {} };
    throw error;
  }
}

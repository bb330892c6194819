import { type Picture, checkPicture } from "../data/index.ts";
import type { Prediction } from "../evaluate/index.ts";
import { checkOptions } from "../options/index.ts";
import { checkModelArgument } from "./check-model-argument.ts";
import { type Predictable, openPredictor } from "./open-predictor.ts";
import { predictTable } from "./options/predict-table.ts";
import { predicted } from "./predicted.ts";
import type { PredictionOptions } from "./prediction-options.ts";

/**
 * What a classifier answers about a picture: the class, how probable it is, and how stable: the share of the picture's views, under
 * the shifts that the model was trained for, that are given the same answer.
 *
 * @param model    a classifier, or the path or bytes of anything that `evaluate` takes
 * @param picture  the path of an image file, its bytes, or an ImageData; or a list of them
 *
 * @example
 * const { name, probability, stability } = await predict("runs/flowers", "new/1.jpg");
 *
 * @throws DataError for pictures that cannot be read, all named; UsageError, ModelError for a model or options that do not fit
 */
export async function predict(
  model: Predictable,
  picture: Picture,
  options?: PredictionOptions,
): Promise<Prediction>;
export async function predict(
  model: Predictable,
  pictures: readonly Picture[],
  options?: PredictionOptions,
): Promise<Prediction[]>;
export async function predict(
  model: Predictable,
  given: Picture | readonly Picture[],
  options: PredictionOptions = {},
): Promise<Prediction | Prediction[]> {
  checkModelArgument("predict", model);
  checkOptions("predict", predictTable, options);
  checkPictures(given);
  const predictor = await openPredictor(model, options);
  try {
    return await predicted(predictor, given, options);
  } finally {
    await predictor.release();
  }
}

/** @throws UsageError for what is neither a picture nor a list of pictures */
export function checkPictures(given: unknown): void {
  if (!Array.isArray(given)) return checkPicture("predict", "picture", given);
  given.forEach((picture, i) => checkPicture("predict", `picture ${i + 1}`, picture));
}

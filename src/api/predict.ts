import { type Picture, UnreadableError, checkPicture } from "../data/index.ts";
import type { Prediction } from "../evaluate/index.ts";
import { checkOptions } from "../options/index.ts";
import { checkModelArgument } from "./check-model-argument.ts";
import { predictTable } from "./options/predict-table.ts";
import type { PredictionOptions } from "./prediction-options.ts";
import { type Predictable, type PictureAnswers, Predictor } from "./predictor.ts";

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
  const predictor = await Predictor.open(model, options);
  try {
    return await predicted(predictor, given, options);
  } finally {
    await predictor.release();
  }
}

/** The answer about one picture, or those about several. @throws UnreadableError */
export async function predicted(
  predictor: Predictor,
  given: Picture | readonly Picture[],
  options: Pick<PredictionOptions, "signal" | "onProgress">,
): Promise<Prediction | Prediction[]> {
  const isList = Array.isArray(given);
  const pictures = isList ? (given as readonly Picture[]) : [given as Picture];
  const predictions = readable((await predictor.answers(pictures, options)).answers);
  return isList ? predictions : predictions[0];
}

/** @throws UsageError for what is neither a picture nor a list of pictures */
export function checkPictures(given: unknown): asserts given is Picture | readonly Picture[] {
  if (!Array.isArray(given)) return checkPicture("predict", "picture", given);
  given.forEach((picture, i) => checkPicture("predict", `picture ${i + 1}`, picture));
}

/** @throws UnreadableError that names those which cannot be read */
function readable(answers: PictureAnswers["answers"]): Prediction[] {
  const errors = answers.filter((answer) => answer instanceof Error);
  if (errors.length > 0) throw new UnreadableError(errors, answers.length);
  return answers as Prediction[];
}

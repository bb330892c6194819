import { UnreadableError } from "../data/pictures/unreadable-error.ts";
import type { Prediction } from "../evaluate/index.ts";
import type { PictureAnswers, Predictor, PredictorOptions } from "./predictor.ts";

/** The answer about one picture, or those about several. @throws UnreadableError */
export async function predicted<Picture>(
  predictor: Predictor<Picture>,
  given: Picture | readonly Picture[],
  options: Pick<PredictorOptions, "signal" | "onProgress">,
): Promise<Prediction | Prediction[]> {
  const isList = Array.isArray(given);
  const pictures = isList ? (given as readonly Picture[]) : [given as Picture];
  const predictions = readable((await predictor.answers(pictures, options)).answers);
  return isList ? predictions : predictions[0];
}

/** @throws UnreadableError that names those which cannot be read */
function readable(answers: PictureAnswers["answers"]): Prediction[] {
  const errors = answers.filter((answer) => answer instanceof Error);
  if (errors.length > 0) throw new UnreadableError(errors, answers.length);
  return answers as Prediction[];
}

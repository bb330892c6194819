import type { Classifier } from "../models/index.ts";
import type { TakenImages } from "../tensor/index.ts";
import { declaredShape } from "./inspect.ts";

/** Which images a classifier takes: those that it was trained on here, else those that its input declares, else those that files beside it name. */
export function takenImages(classifier: Classifier): TakenImages {
  const { imageShape, pictures } = classifier;
  const said = imageShape ?? declaredShape(classifier) ?? (pictures?.size && [3, ...pictures.size]);
  return {
    ...(said && { imageShape: said as [number, number, number] }),
    ...(pictures && { pictures }),
  };
}

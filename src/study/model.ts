import type { Dataset } from "../data/index.ts";
import { type Classifier, modelByName } from "../models/index.ts";
import type { Study } from "./study.ts";

type ModelSettings = Pick<Study, "model" | "mean" | "std">;

/**
 * The study's classifier for the data's images, its weights drawn by the seed.
 *
 * @throws UsageError for images that are too small for it, and a normalisation that does not fit their channels
 */
export function modelOf(
  { model, mean, std, seed }: ModelSettings & { readonly seed: number },
  { shape, classNames }: Pick<Dataset, "shape" | "classNames">,
): Classifier {
  const { name, width } = typeof model === "string" ? { name: model, width: undefined } : model;
  return modelByName(name, { shape, classes: classNames.length, seed, width, mean, std });
}

import { classifierHash, loadClassifier } from "../api/index.ts";
import type { ImageSource } from "../data/index.ts";
import { type Classifier, modelByName } from "../models/index.ts";
import { canonicalJson } from "./cell.ts";
import type { Contents } from "./contents-record.ts";
import { modelLocation } from "./model-location.ts";
import type { Study } from "./study.ts";

type ModelSettings = Pick<Study, "model" | "mean" | "std">;

/**
 * The study's classifier for the data's images: one of ours, its weights drawn by the seed, or a file's, which starts every
 * run with the file's weights.
 *
 * @param directory  of the study file, absolute
 * @throws UsageError for images that are too small for it, a normalisation that does not fit their channels, and a file
 *         that cannot be read
 */
export async function studyModel(
  { model, mean, std, seed }: ModelSettings & { readonly seed: number },
  { shape, classNames }: Pick<ImageSource, "shape" | "classNames">,
  directory: string,
): Promise<Classifier> {
  if (typeof model === "object" && "file" in model) {
    const { output, inputRange, channelOrder } = model;
    const options = { output, inputRange, channelOrder, mean, std, imageShape: shape };
    return loadClassifier(modelLocation(model, directory), options);
  }
  const { name, width } = typeof model === "string" ? { name: model, width: undefined } : model;
  return modelByName(name, { shape, classes: classNames.length, seed, width, mean, std });
}

/** What the file of a study's model holds; nothing for one of ours. */
export const modelContents = ({ model }: ModelSettings, classifier: Classifier): Contents[] =>
  typeof model === "object" && "file" in model
    ? [{ settings: canonicalJson({ model }), sha256: { model: classifierHash(classifier) } }]
    : [];

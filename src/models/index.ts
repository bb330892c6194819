import { nearestName } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type Classifier } from "./classifier.ts";
import { cifarCnn } from "./cifar-cnn.ts";
import { cifarLenet, lenet } from "./lenet.ts";
import type { ImageModelOptions } from "./model-options.ts";
import { mobileNet } from "./mobile-net.ts";
import { resnet18 } from "./resnet18.ts";
import { vgg } from "./vgg.ts";

export { type BesideFacts, agreed } from "./beside-facts.ts";
export { huggingFaceClasses, huggingFacePixels, isHuggingFaceConfig } from "./hugging-face.ts";
export { isTimmConfig, timmFacts } from "./timm-config.ts";
export { type Card, cardMetadata, readCard } from "./card.ts";
export { checkPixels, expectationOf } from "./check-pixels.ts";
export { cifarCnn } from "./cifar-cnn.ts";
export { type Classifier, type WeightPenalty, buildClassifier, withStatedBatch } from "./classifier.ts";
export { checkClassifier, classifierAdvice, isClassifier } from "./check-classifier.ts";
export type { PixelExpectation } from "./pixel-expectation.ts";
export { formOf, widthOf } from "./find-logits.ts";
export { type GivenOutput, givenOutput } from "./given-output.ts";
export { type ImportOptions, importClassifier } from "./import-classifier.ts";
export { type InferredGraph, inferValues } from "./infer-values.ts";
export { modelTables } from "./model-tables.ts";
export { type ImageModelOptions, type WidthOptions, normalizationOptions } from "./model-options.ts";
export { type LeNetOptions, cifarLenet, lenet } from "./lenet.ts";
export { mobileNet } from "./mobile-net.ts";
export { type Features, describeFeatures, featureCandidates, findFeatures } from "./find-features.ts";
export { type FeatureScale, type NewHeadOptions, newHeadTable, withNewHead } from "./new-head.ts";
export { type Normalization, checkNormalization, normalize, normalizeImages } from "./normalization.ts";
export {
  type ChannelOrder,
  type Preprocessing,
  checkPreprocessing,
  isUnchanged,
  preprocess,
  preprocessImages,
} from "./preprocessing.ts";
export type { Origin } from "./origin.ts";
export { resnet18 } from "./resnet18.ts";
export { vgg } from "./vgg.ts";

/** What every classifier of the zoo can be made from. */
export type ModelOptions = ImageModelOptions &
  Required<Pick<ImageModelOptions, "shape" | "classes" | "seed">>;

/** Those whose channels are multiples of a width, and those whose sizes are fixed. */
const scalable = { resnet18, cifarCnn, vgg, mobileNet } as const;
const fixed = { lenet, cifarLenet } as const;

/** Our own classifiers by name. */
export const models = { ...fixed, ...scalable } satisfies Record<
  string,
  (options: ModelOptions) => Classifier
>;

/**
 * The classifier of that name.
 *
 * @throws UsageError listing the choices, or for a width that the model does not have
 */
export function modelByName(name: string, options: ModelOptions & { width?: number }): Classifier {
  if (!Object.hasOwn(models, name)) {
    const near = nearestName(name, Object.keys(models));
    throw new UsageError(
      `Unknown model "${name}". Choose one of: ${Object.keys(models).join(", ")}.${near ? ` Did you mean "${near}"?` : ""}`,
    );
  }
  if (options.width !== undefined && !Object.hasOwn(scalable, name)) {
    throw new UsageError(
      `The model "${name}" has no width. Leave it out, or choose one of: ${Object.keys(scalable).join(", ")}.`,
    );
  }
  const { width, ...rest } = options;
  // Left out where it is not given: the models of fixed sizes have no such option.
  return models[name as keyof typeof models](width === undefined ? rest : options);
}

import { UsageError } from "../tensor/index.ts";
import { type Classifier } from "./classifier.ts";
import { cifarCnn } from "./cifar-cnn.ts";
import type { ImageModelOptions } from "./image-model.ts";
import { cifarLenet, lenet } from "./lenet.ts";
import { mobileNet } from "./mobile-net.ts";
import { resnet18 } from "./resnet18.ts";
import { vgg } from "./vgg.ts";

export { type Card, cardMetadata, readCard } from "./card.ts";
export { checkPixels, expectationOf } from "./check-pixels.ts";
export { cifarCnn } from "./cifar-cnn.ts";
export { areIndices, canonicalName, isOrderOfText, listOfNames, looseName } from "./class-names.ts";
export { type Classifier, type WeightPenalty, buildClassifier } from "./classifier.ts";
export type { PixelExpectation } from "./pixel-expectation.ts";
export { formOf, widthOf } from "./find-logits.ts";
export { type ImportOptions, importClassifier } from "./import-classifier.ts";
export { type InferredGraph, inferValues } from "./infer-values.ts";
export type { ImageModelOptions, WidthOptions } from "./image-model.ts";
export { type LeNetOptions, cifarLenet, lenet } from "./lenet.ts";
export { mobileNet } from "./mobile-net.ts";
export { type Normalization, checkNormalization, normalize, normalizeImages } from "./normalization.ts";
export {
  type ChannelOrder,
  type Preprocessing,
  checkPreprocessing,
  isUnchanged,
  preprocess,
  preprocessImages,
} from "./preprocessing.ts";
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
    throw new UsageError(`Unknown model "${name}". Choose one of: ${Object.keys(models).join(", ")}.`);
  }
  if (options.width !== undefined && !Object.hasOwn(scalable, name)) {
    throw new UsageError(
      `The model "${name}" has no width. Leave it out, or choose one of: ${Object.keys(scalable).join(", ")}.`,
    );
  }
  return models[name as keyof typeof models](options);
}

/** Layers that change their input in training at random, and hand it on as it is in tests. */
import type { LayerConverter } from "./converter.ts";

/**
 * Augmentation of images by Keras's names, of classes that TensorFlow.js has and of those that a program registers. Layers
 * that act in tests too, such as RandomCrop, CenterCrop and Resizing, are none.
 */
const augmentation = [
  ["RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomShear", "RandomPerspective"],
  ["RandomHeight", "RandomWidth", "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur"],
  ["RandomContrast", "RandomBrightness", "RandomSaturation", "RandomHue", "RandomSharpness", "RandomInvert"],
  ["RandomGrayscale", "RandomPosterization", "RandomColorDegeneration", "RandomColorJitter"],
  ["RandAugment", "AugMix", "CutMix", "MixUp"],
].flat();

/** Noise on values inside. */
const noise = ["GaussianNoise", "GaussianDropout", "AlphaDropout"];

/** What hands on its input always; what `ActivityRegularization` adds to the loss is another matter. */
const plain = ["Identity", "ActivityRegularization"];

/** Whether a layer of that class is augmentation, which `fit` does in another way. */
export const isAugmentation = (className: string): boolean => augmentation.includes(className);

/** Whether a layer of that class is noise, for which `fit` has no counterpart. */
export const isNoise = (className: string): boolean => noise.includes(className);

export const augmentationLayers: Readonly<Record<string, LayerConverter>> = Object.fromEntries(
  [...augmentation, ...noise, ...plain].map((name) => [
    name,
    { convert: (_, [x]) => x } satisfies LayerConverter,
  ]),
);

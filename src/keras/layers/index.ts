import { activationLayers } from "./activation.ts";
import { arrangementLayers } from "./arrangement.ts";
import { augmentationLayers, isAugmentation, isNoise } from "./augmentation.ts";
import type { LayerConverter } from "./converter.ts";
import { convolutionLayers } from "./convolution.ts";
import { denseLayers } from "./dense.ts";
import { mergeLayers } from "./merge.ts";
import { normalizationLayers } from "./normalization.ts";
import { poolingLayers } from "./pooling.ts";

export { isAugmentation, isNoise };
export { refused } from "./refused.ts";
export type { LayerContext, LayerConverter, LayerFacts } from "./converter.ts";

/** Converters by TensorFlow.js's class names. To add a layer: a row in its family's file, a case in its test. */
export const layerConverters: ReadonlyMap<string, LayerConverter> = new Map(
  Object.entries<LayerConverter>({
    ...arrangementLayers,
    ...denseLayers,
    ...convolutionLayers,
    ...poolingLayers,
    ...normalizationLayers,
    ...mergeLayers,
    ...activationLayers,
    ...augmentationLayers,
  }),
);

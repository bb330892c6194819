import { activationLayers } from "./activation.ts";
import { arrangementLayers } from "./arrangement.ts";
import { attentionLayers } from "./attention.ts";
import { augmentationLayers, isAugmentation, isNoise } from "./augmentation.ts";
import type { Dialect, LayerConverter } from "./converter.ts";
import { convolutionLayers } from "./convolution.ts";
import { transposedConvolutionLayers } from "./convolution-transpose.ts";
import { denseLayers } from "./dense.ts";
import { imageLayers } from "./images.ts";
import { mergeLayers } from "./merge.ts";
import { noiseLayers } from "./noise.ts";
import { normalizationLayers } from "./normalization.ts";
import { operationNames, operations } from "./operations.ts";
import { poolingLayers } from "./pooling.ts";

export { isAugmentation, isNoise, operationNames };
export { refused } from "./refused.ts";
export type { Dialect, LayerContext, LayerConverter, LayerFacts } from "./converter.ts";

/** Converters by TensorFlow.js's class names. To add a layer: a row in its family's file, a case in its test. */
export const layerConverters: ReadonlyMap<string, LayerConverter> = new Map(
  Object.entries<LayerConverter>({
    ...arrangementLayers,
    ...denseLayers,
    ...convolutionLayers,
    ...transposedConvolutionLayers,
    ...attentionLayers,
    ...imageLayers,
    ...noiseLayers,
    ...poolingLayers,
    ...normalizationLayers,
    ...mergeLayers,
    ...activationLayers,
    ...augmentationLayers,
    ...operations,
  }),
);

/** Layers of TensorFlow.js that nobody has compared with its own, or that it does not have. */
const kerasOnly = new Set([
  ...Object.keys(attentionLayers),
  ...Object.keys(transposedConvolutionLayers),
  ...Object.keys(operations),
  ...[
    "CenterCrop",
    "Resizing",
    "Normalization",
    "StochasticDepth",
    "LayerScale",
    "Identity",
    "Dot",
    "Subtract",
  ],
  ...[
    "GroupNormalization",
    "RMSNormalization",
    "UnitNormalization",
    "ActivityRegularization",
    "RepeatVector",
  ],
  ...["ZeroPadding1D", "Cropping1D", "UpSampling1D", "DepthwiseConv1D", "SeparableConv1D"],
]);

/** The converter of a kind of layer; undefined for one that is not known there. */
export const converterOf = (className: string, dialect: Dialect): LayerConverter | undefined =>
  dialect === "tfjs" && kerasOnly.has(className) ? undefined : layerConverters.get(className);

/** Kinds of layers that are known there, operations between layers left out. */
export const layersOf = (dialect: Dialect): string[] =>
  [...layerConverters.keys()].filter((name) => !name.startsWith("ops.") && converterOf(name, dialect));

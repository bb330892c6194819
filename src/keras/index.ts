/** Keras' models: files in and out, and one table of layers for them and for TensorFlow.js. */
export { type LayerProblem, UnsupportedLayerError, listOfProblems } from "./errors.ts";
export { type BoundWeight, type BuiltModel, buildModel } from "./build-model.ts";
export { trainingProblems } from "./layer-problems.ts";
export { isAugmentation, isNoise, layersOf } from "./layers/index.ts";
export {
  type LayerCall,
  type LayerTerm,
  type LayerWeight,
  type LayeredModel,
  type ModelLayer,
  usesOf,
} from "./model-layer.ts";
export { cappedRelu } from "./layers/activation-functions.ts";
export { samePads } from "./layers/padding.ts";
export { layerPenalties } from "./penalties.ts";
export { trainingNotes } from "./training-notes.ts";
export { type KerasClassifier, type KerasOptions, classifierOf } from "./classifier-of.ts";
export { type WeightLayout, fromInitializer, toInitializer } from "./weight-layout.ts";
export { marginLayer, pixelLayer, probabilityLayer } from "./written/ends.ts";
export { foldScale } from "./written/fold-scale.ts";
export { type LayersModel, type WrittenGraph, layersModel } from "./written/layers-model.ts";

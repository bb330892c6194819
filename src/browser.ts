/**
 * alignreg in a page: what asks classifiers about pictures, builds training steps, makes views, scores classifiers, and reads and
 * writes models. It needs nothing of Node; the page brings the runtime.
 */
export { classifierFile } from "./api/classifier-file.ts";
export type { ExportStepOptions, StepRates } from "./api/export-step-options.ts";
export { type ExportedStep, exportStep } from "./api/export-step.ts";
export type { ExportFormat, ExportOptions } from "./api/export/export-options.ts";
export type { ExportedFiles } from "./api/export/exportable.ts";
export { exportedFiles } from "./api/export/exported-files.ts";
export { importGraphModel } from "./api/import-graph-model.ts";
export { type PageClassifier, loadClassifier } from "./api/page/load-classifier.ts";
export type { PageModel } from "./api/page/model-bytes.ts";
export type { PageClassifierOptions, PagePredictionOptions } from "./api/page/page-options.ts";
export type { PagePicture } from "./data/page/page-picture.ts";
export type { PageRuntime } from "./runtime/page-session.ts";
export { type ImportKerasOptions, importKeras, kerasFile, layersFiles } from "./api/import-keras.ts";
export {
  type Classifier,
  cifarCnn,
  cifarLenet,
  importClassifier,
  lenet,
  mobileNet,
  resnet18,
  vgg,
} from "./models/index.ts";
export {
  type Transform,
  type TransformFamily,
  affine,
  blur,
  brightness,
  cifarCorruptions,
  compose,
  contrast,
  corruptions,
  customFamily,
  cutout,
  defineFamily,
  option,
  type ViewSource,
  exposure,
  familyFromSpec,
  hue,
  jpeg,
  lazyViews,
  mnistCorruptions,
  motionBlur,
  noise,
  occlusion,
  perspective,
  ranged,
  rotation,
  saturation,
  scale,
  shear,
  texture,
  translate,
  union,
  whiteBalance,
  zoom,
} from "./augment/index.ts";
export type { ImageSource } from "./data/image-source.ts";
export { parseIdxImages, parseIdxLabels } from "./data/idx.ts";
export {
  type LabelledImages,
  type Predict,
  type Prediction,
  type Predictions,
  type Scores,
  argmax,
  testClassifier,
} from "./evaluate/index.ts";
export { defineLoss, defineMethod, defineRegularizer } from "./align/index.ts";
export { defineOptimizer } from "./train/define-optimizer.ts";
export { modelOf, readModel, writeModel } from "./onnx/index.ts";

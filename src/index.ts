/** alignreg: train image classifiers that are robust and invariant to known shifts, and prove it with numbers. */

// The couple of lines: train, test.
export {
  type ClassMap,
  type EvaluateOptions,
  type EvaluationResult,
  type ClassWeights,
  type FitOptions,
  type FitResult,
  type LoadClassifierOptions,
  type LoadedClassifier,
  type Manifest,
  type PredictionOptions,
  type SaveOptions,
  type Testable,
  type Trainee,
  evaluate,
  fit,
  loadBackbone,
  loadClassMap,
  loadClassifier,
  modelImages,
  predict,
  saveClassifier,
  saveWeights,
} from "./api/index.ts";

// A training step for another runtime: a page, a phone.
export { type ExportStepOptions, type ExportedStep, type StepRates, exportStep } from "./api/index.ts";

// A classifier for an app.
export {
  type ExportFormat,
  type ExportOptions,
  type Exported,
  type ExportedFiles,
  exportClassifier,
  exportedFiles,
} from "./api/index.ts";

// Classifiers and data sets.
export {
  type ChannelOrder,
  type Classifier,
  type FeatureScale,
  type Features,
  type ImageModelOptions,
  type LeNetOptions,
  type NewHeadOptions,
  type Normalization,
  type Preprocessing,
  type WidthOptions,
  type WeightPenalty,
  buildClassifier,
  cifarCnn,
  cifarLenet,
  findFeatures,
  lenet,
  mobileNet,
  resnet18,
  vgg,
  withNewHead,
} from "./models/index.ts";
export {
  DataError,
  type Dataset,
  type DatasetArrays,
  type ImageSource,
  type Picture,
  type PixelPicture,
  type Split,
  type SplitOptions,
  type SplitParts,
  datasetFromArrays,
  epochOrder,
  imagesAt,
  labelsAt,
  loadData,
  openData,
  sample,
  sampleCount,
  split,
  splitSource,
  subset,
  take,
} from "./data/index.ts";
export { mnist } from "./api/index.ts";

// Shifts.
export {
  type AffineOptions,
  type BlurOptions,
  type BrightnessOptions,
  type ContrastOptions,
  type CorruptionName,
  type CorruptionsOptions,
  type CutoutOptions,
  type ExposureOptions,
  type FamilyDefinition,
  type FamilyMaker,
  type FamilyRow,
  type FamilyRows,
  type FamilySpec,
  type Fill,
  type HueOptions,
  type ImageFunction,
  type Interpolation,
  type JpegOptions,
  type Meaning,
  type MnistCorruptionName,
  type MnistCorruptionsOptions,
  type MemberRange,
  type MotionBlurOptions,
  type NoiseOptions,
  type OcclusionOptions,
  type PackageContrastOptions,
  type PerspectiveOptions,
  type Point,
  type RangeChoice,
  type RangeParameter,
  type RangedFamily,
  type RangedName,
  type RangedOptions,
  type Ranges,
  type RotationOptions,
  type SaturationOptions,
  type ScaleOptions,
  type ShearOptions,
  type TextureOptions,
  type Transform,
  type TransformFamily,
  type TranslateOptions,
  type ViewSource,
  type WhiteBalanceOptions,
  type ZoomOptions,
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
  drawnViews,
  eagerViews,
  exposure,
  families,
  family,
  familyByName,
  familyFromSpec,
  gridPoints,
  hue,
  jpeg,
  lazyViews,
  mnistCorruptions,
  motionBlur,
  noise,
  occlusion,
  option,
  packageContrast,
  packageContrastTensorflow,
  packageRotation,
  packageSaturationTensorflow,
  perspective,
  randomPoints,
  ranged,
  rotation,
  saturation,
  scale,
  shear,
  specName,
  texture,
  translate,
  union,
  whiteBalance,
  zoom,
  type RowValues,
} from "./augment/index.ts";
export { loadFamily } from "./api/index.ts";

// Methods and regularizers, ours and a user's own.
export {
  type Criterion,
  type Critic,
  type CriticParameter,
  type Loss,
  type LossDefinition,
  type LossName,
  type LossOptions,
  type Method,
  type MethodDefinition,
  type MethodName,
  type MethodTerms,
  type Regularizer,
  type RegularizerDefinition,
  type BatchRegularizer,
  type LossesRegularizer,
  type PairsRegularizer,
  type RegularizerName,
  type RegularizerOptions,
  type Selection,
  crossEntropy,
  defineLoss,
  defineMethod,
  defineRegularizer,
  losses,
  methods,
  regularizers,
} from "./align/index.ts";

// Comparisons of methods, regularizers and families over seeds.
export { runStudy } from "./study/start-study.ts";
export type { RunStudyOptions, StudyEvent, StudyOverview, StudyResult, StudyRun } from "./study/index.ts";

// The test procedure on its own.
export {
  type Bound,
  type BoundTerms,
  type CalibrationScores,
  type ClassAnswers,
  type ClassAverages,
  type ClassReport,
  type ClassResults,
  type ClassResultsOptions,
  type ClassScores,
  type CorruptionErrors,
  type DistanceName,
  type FoundByImage,
  type HardImage,
  type HardestImages,
  type Interval,
  type LabelledImages,
  type Mistake,
  type Predict,
  type PredictWithEmbeddings,
  type Prediction,
  type Predictions,
  type RangeSearch,
  type RangeSearchOptions,
  type Scores,
  type SearchPointsOptions,
  type StabilityScores,
  type TestOptions,
  classResults,
  corruptionErrors,
  scorePredictions,
  searchPoints,
  testClassifier,
} from "./evaluate/index.ts";

// Seeded random numbers.
export { type Random, random } from "./tensor/index.ts";

// What goes wrong.
export { AlignregError, ShapeError, UsageError } from "./tensor/index.ts";
export { ModelError, UnsupportedOpError } from "./onnx/index.ts";
export { RuntimeError } from "./runtime/index.ts";
export { CheckpointError, DivergedError, UntrainableModelError } from "./train/index.ts";

// Gradient rules of operators.
export { type Gradient, type GradientDefinition, type RuleNode, defineGradient } from "./autodiff/index.ts";

// Definitions out of modules, as the command line and studies read them.
export { type Definitions, loadDefinition, loadGradients } from "./api/index.ts";

// The graphs that all of these are written in.
export { GraphBuilder, type Value } from "./onnx/index.ts";

// Optimizers.
export {
  type Optimizer,
  type OptimizerDefinition,
  type UpdateInputs,
  defineOptimizer,
} from "./train/index.ts";

// Training in numbers.
export type {
  MetricsLine,
  OptimizerName,
  OptimizerOptions,
  ScheduleOptions,
  TrainingProgress,
  ValidatedEpoch,
  ValidationScores,
} from "./train/index.ts";
export type { Trainable } from "./parameters/index.ts";
export type { ImageBatch, ImageReader } from "./tensor/index.ts";

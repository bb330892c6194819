export type { EvaluateOptions } from "./evaluate-options.ts";
export { type EvaluationResult, evaluate } from "./evaluate.ts";
export type { ExportStepOptions, StepRates } from "./export-step-options.ts";
export { type ExportedStep, exportStep } from "./export-step.ts";
export { type Exported, exportClassifier } from "./export/export-classifier.ts";
export type { CardResults, ExportFormat, ExportOptions } from "./export/export-options.ts";
export type { ExportedFiles } from "./export/exportable.ts";
export { exportedFiles } from "./export/exported-files.ts";
export { usualLength } from "./run-length.ts";
export type { ClassWeights } from "./class-weights.ts";
export type { FitOptions } from "./fit-options.ts";
export { fitting } from "./fitting.ts";
export { type FitResult, type Trainee, fit } from "./fit.ts";
export {
  type InspectOptions,
  type InspectedTensor,
  type Inspection,
  inspectTensors,
  tryStep,
} from "./inspect.ts";
export { classifierFile } from "./classifier-file.ts";
export { readHeldOut, withHeldOut } from "./held-out.ts";
export { loadClassMap } from "./load-class-map.ts";
export type { LoadClassifierOptions } from "./load-classifier-options.ts";
export { backboneLicences, backbonePackages, loadBackbone } from "./load-backbone.ts";
export { loadClassifier } from "./load-classifier.ts";
export type { LoadedClassifier } from "./loaded-classifier.ts";
export {
  evaluateTable,
  exportStepTable,
  exportTable,
  fitTable,
  loadClassifierTable,
  predictTable,
  saveTable,
  stepRates,
} from "./options/index.ts";
export { flipDoubts, meaningDoubts } from "./doubts/index.ts";
export { type Definitions, loadDefinition, loadGradients, namedOrLoaded } from "./load-definition.ts";
export { loadFamily } from "./load-family.ts";
export { checkRangeSearch } from "./range-test.ts";
export type { ClassMap } from "./match-classes.ts";
export { type Manifest, classifierHash } from "./manifest.ts";
export { isAddress, modelSource } from "./model-source.ts";
export { modelImages } from "./model-images.ts";
export { takenImages } from "./taken-images.ts";
export type { PredictionOptions } from "./prediction-options.ts";
export { predict } from "./predict.ts";
export type { PictureAnswers, Predictor } from "./predictor.ts";
export { type Predictable, openPredictor } from "./open-predictor.ts";
export { mnist } from "./mnist.ts";
export type { Testable } from "./open-testable.ts";
export { readLayersFiles } from "./read-layers-files.ts";
export { CARD_NAME, fixedBatch, modelCard } from "./card/index.ts";
export { checkSidecarPlace, sidecarFile, sidecarName, writeWithSidecar } from "./sidecar/index.ts";
export { trainingRecord } from "./training-record.ts";
export { describeClassifier } from "./sidecar/describe.ts";
export { clearOrigins, originsIn, saveOrigin } from "./save-origin.ts";
export type { SaveOptions } from "./save-options.ts";
export { saveClassifier, saveWeights, weightsFile } from "./save.ts";
export { version } from "./version.ts";

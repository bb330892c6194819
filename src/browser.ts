/** alignreg in a page: what builds training steps and reads and writes models, and needs neither Node nor a runtime. */
export type { ExportStepOptions, StepRates } from "./api/export-step-options.ts";
export { type ExportedStep, exportStep } from "./api/export-step.ts";
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
  blur,
  brightness,
  compose,
  contrast,
  customFamily,
  cutout,
  familyFromSpec,
  noise,
  rotation,
  scale,
  shear,
  texture,
  translate,
  union,
} from "./augment/index.ts";
export { modelOf, readModel, writeModel } from "./onnx/index.ts";

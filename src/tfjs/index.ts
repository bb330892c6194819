/** alignreg for TensorFlow.js: train and test a tf.LayersModel of your own. The only folder that imports TensorFlow.js. */

// Train and test.
export { type FitOptions, type FitResult, fit } from "./fit.ts";
export { evaluate } from "./evaluate.ts";
export { type DatasetTensors, datasetFromTensors } from "./dataset-from-tensors.ts";
export type { EvaluateOptions, EvaluationResult } from "../api/index.ts";

// Models in and out.
export { toClassifier } from "./to-classifier.ts";
export { loadLayersModel, saveLayersModel } from "./layers-model-file.ts";

// For a training loop of one's own.
export { type AlignmentLossName, type AlignmentLossOptions, alignmentLoss } from "./alignment-loss.ts";
export { worstCase } from "./worst-case.ts";

// What goes wrong.
export { type LayerProblem, UnsupportedLayerError } from "../keras/index.ts";

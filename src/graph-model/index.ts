/** TensorFlow.js graph models as graphs of ONNX. Nothing of Node is in here. */
export { UnsupportedOperatorsError } from "./errors.ts";
export { operators } from "./operators/index.ts";
export { type GraphModel, type GraphModelOptions, isGraphModel, readGraphModel } from "./read-graph-model.ts";

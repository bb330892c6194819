/** Checks of what functions for TensorFlow.js got. */
import { isRecord, isThenable, refuse } from "../options/index.ts";
import { isClassifier } from "../models/index.ts";

/** @throws UsageError for anything but a layers model */
export function checkLayersModel(where: string, model: unknown): void {
  if (isRecord(model) && Array.isArray(model.layers) && typeof model.predict === "function") return;
  refuse(where, "model", model, "a tf.LayersModel", adviceFor(model));
}

/** @throws UsageError for anything but a tensor */
export function checkTensor(where: string, what: string, value: unknown): void {
  if (isRecord(value) && Array.isArray(value.shape) && typeof value.dtype === "string") return;
  refuse(where, what, value, "a tf.Tensor", Array.isArray(value) ? "Make one by tf.tensor(…)." : "");
}

function adviceFor(model: unknown): string {
  if (isThenable(model)) return "";
  if (typeof model === "string") return "Read it first: await loadLayersModel(path).";
  if (isClassifier(model)) return 'An ONNX classifier is for the functions of "alignreg".';
  if (isRecord(model) && isRecord(model.model)) return "Give its member model.";
  if (isRecord(model) && "executor" in model) return "A graph model has no layers: load the layers model.";
  return "";
}

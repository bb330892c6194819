import { isRecord, isThenable, kindOf, refuse } from "../options/index.ts";
import type { Classifier } from "./classifier.ts";

/** Whether it has what every classifier has. */
export const isClassifier = (value: unknown): value is Classifier =>
  isRecord(value) &&
  isRecord(value.graph) &&
  kindOf(value.graph.initializers) === "Map" &&
  typeof value.input === "string" &&
  typeof value.logits === "string";

/** @throws UsageError for anything but a classifier */
export function checkClassifier(where: string, what: string, value: unknown): asserts value is Classifier {
  if (!isClassifier(value)) refuse(where, what, value, "a classifier", classifierAdvice(value));
}

/** What to give in place of what is no classifier. */
export function classifierAdvice(value: unknown): string {
  if (isThenable(value)) return "";
  if (typeof value === "function") return `Call it: ${value.name || "lenet"}().`;
  if (typeof value === "string") return "Read a file first: await loadClassifier(path).";
  if (ArrayBuffer.isView(value)) return "Read the bytes first: await loadClassifier(bytes).";
  if (!isRecord(value)) return "Give lenet() or another model, or what loadClassifier made.";
  if (isClassifier(value.model)) return "Give its member model.";
  if (isRecord(value.graph))
    return "Read the ONNX file by loadClassifier, which finds its images and logits.";
  if ("nodes" in value && "initializers" in value)
    return "A graph needs the names of its input and logits beside it.";
  if ("layers" in value) return `For a TensorFlow.js model, import the function from "alignreg/tfjs".`;
  if ("pixels" in value) return "The model comes first, then the data.";
  return "Give lenet() or another model, or what loadClassifier made.";
}

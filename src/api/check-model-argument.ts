/** Checks of what functions got as their model. Each says what was given, and what to give instead. */
import { isBytes, isRecord, isThenable, refuse } from "../options/index.ts";
import { classifierAdvice, isClassifier } from "../models/index.ts";

/** @throws UsageError for what is neither the path of a model's file nor its bytes */
export function checkSource(
  where: string,
  what: string,
  value: unknown,
): asserts value is string | Uint8Array {
  if ((typeof value === "string" && value !== "") || isBytes(value)) return;
  refuse(where, what, value, "the path of an ONNX or Keras file, or its bytes", sourceAdvice(value));
}

/**
 * @param orElse  what else the function takes
 * @throws UsageError for what is neither a classifier nor a file of one
 */
export function checkModelArgument(where: string, value: unknown, orElse: "" | " or a function" = ""): void {
  if (isClassifier(value) || isBytes(value) || (typeof value === "string" && value !== "")) return;
  if (orElse !== "" && typeof value === "function") return;
  const needed = `a classifier, the path or bytes of an ONNX or Keras file${orElse}`;
  refuse(where, "model", value, needed, classifierAdvice(value));
}

function sourceAdvice(value: unknown): string {
  if (isThenable(value)) return "";
  if (isClassifier(value)) return "It is a classifier already: use it as it is.";
  if (isRecord(value) && isClassifier(value.model)) return "Its member model is a classifier already.";
  if (value instanceof URL) return "Give fileURLToPath(url).";
  if (value instanceof ArrayBuffer) return "Give new Uint8Array(buffer).";
  return "";
}

import { type Graph, modelOf, writeModel } from "../onnx/index.ts";
import { isBytes } from "../options/index.ts";
import { type ClassifierOptions, type ClassifierSession, classifierOn } from "./classifier-on.ts";
import { forWebgpu } from "./for-webgpu.ts";
import { type SessionOptions, createSession } from "./session.ts";

/**
 * Opens a classifier for prediction. The model has one float32 input, [N, C, H, W] or [N, H, W, C]; N may be fixed:
 * batches are then cut up, and the last one is filled up with zeros.
 *
 * @param source  the bytes of an ONNX file, or a graph
 * @throws RuntimeError, ModelError, UsageError when it is no such classifier
 */
export async function openClassifier(
  source: Uint8Array | Graph,
  { output, embedding, ...options }: ClassifierOptions = {},
): Promise<ClassifierSession> {
  const given = isBytes(source) ? source : writeModel(modelOf(source));
  const bytes = options.executionProvider === "webgpu" ? forWebgpu(given) : given;
  // Weights are constants here, so the blocked layout of level "all" pays.
  const settings: SessionOptions = { optimization: "all", ...options };
  return classifierOn(bytes, { output, embedding }, (file) => createSession(file, settings));
}

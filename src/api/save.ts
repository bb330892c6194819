import writeFileAtomic from "write-file-atomic";
import { type Classifier, cardMetadata, checkClassifier } from "../models/index.ts";
import { modelOf, writeModel, writeSafetensors } from "../onnx/index.ts";
import { checkRecord, checkString, refuse } from "../options/index.ts";
import { type Tensor, UsageError } from "../tensor/index.ts";
import { computedTensors, foldedNormalization, weightNames } from "../parameters/index.ts";

/**
 * Writes a classifier as an ONNX file, atomically. Inputs, outputs and initializers have the names that they came
 * with; the classes, and what the model expects of pixels, are written into the file's metadata (docs/metadata.md).
 *
 * @param metadata  key-value pairs to store in the file
 */
export async function saveClassifier(
  classifier: Classifier,
  path: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  const where = "saveClassifier";
  checkClassifier(where, "classifier", classifier);
  checkString(where, "path", path, "the path of a file");
  checkRecord(where, "metadata", metadata, "a record of strings");
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") refuse(where, `metadata ${key}`, value, "a string");
  }
  await writeBytes(path, classifierFile(classifier, metadata));
}

/** The bytes of a classifier's ONNX file. */
export const classifierFile = (classifier: Classifier, metadata: Record<string, string> = {}): Uint8Array =>
  writeModel(modelOf(classifier.graph, { ...cardMetadata(classifier), ...metadata }));

/**
 * Writes a classifier's parameters and buffers as a safetensors file, atomically: everything that has a name of its own,
 * and what trains besides. For an export of PyTorch's that keeps names, these are the module's.
 *
 * @param also  more initializers to write, such as `trained` of a fit that chose them by name
 */
export async function saveWeights(
  classifier: Classifier,
  path: string,
  also: readonly string[] = [],
): Promise<void> {
  const where = "saveWeights";
  checkClassifier(where, "classifier", classifier);
  checkString(where, "path", path, "the path of a file");
  if (!Array.isArray(also) || !also.every((name) => typeof name === "string")) {
    refuse(where, "list of more initializers", also, "a list of names");
  }
  await writeBytes(path, weightsFile(classifier, also));
}

/** The bytes of a classifier's weights as a safetensors file. */
export function weightsFile(classifier: Classifier, also: readonly string[] = []): Uint8Array {
  const { graph, input, logits, metadata } = classifier;
  const use = { input, logits, metadata };
  const names = new Set([...weightNames(graph, use), ...also]);
  const weights = new Map<string, Tensor>([...graph.initializers].filter(([name]) => names.has(name)));
  if (weights.size === 0) throw new UsageError(`The model "${graph.name}" has no weights to save.`);
  // Weights into which something was folded, or beside which something was computed of them, mean other things at home.
  const folded = foldedNormalization(graph, use);
  const computed = computedTensors(graph, use).filter((name) => !folded.includes(name));
  return writeSafetensors(weights, {
    ...(folded.length > 0 ? { "alignreg.folded": folded.join(", ") } : {}),
    ...(computed.length > 0 ? { "alignreg.computed": computed.join(", ") } : {}),
  });
}

async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(path, Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new UsageError(
      `Cannot write ${path}: ${(cause as Error).message}. Give a path that can be written.`,
      {
        cause,
      },
    );
  }
}

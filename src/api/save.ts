import writeFileAtomic from "write-file-atomic";
import type { Classifier } from "../models/index.ts";
import { modelOf, writeModel } from "../onnx/index.ts";

/**
 * Writes a classifier as an ONNX file, atomically. It takes raw pixels: normalisation is part of the graph.
 *
 * @param metadata  key-value pairs to store in the file
 */
export async function saveClassifier(
  { graph }: Classifier,
  path: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  const bytes = writeModel(modelOf(graph, metadata));
  await writeFileAtomic(path, Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
}

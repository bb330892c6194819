import { checkOptions } from "../options/index.ts";
import { checkSource } from "./check-model-argument.ts";
import { classifierFrom } from "./classifier-from.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import { type LoadedClassifier, loaded } from "./loaded-classifier.ts";
import { modelSource } from "./model-source.ts";
import { loadClassifierTable } from "./options/load-classifier-table.ts";

/**
 * Reads an image classifier that PyTorch, Keras or another tool wrote, to train it, to test it or to ask it.
 *
 * @example
 * const flowers = await loadClassifier("runs/flowers");
 * const { name, probability, stability } = await flowers.predict("new/1.jpg");
 *
 * @param source  the path of an ONNX file (external data is read from its folder), of a Keras file (`.keras`, `.h5`) or of a
 *                TensorFlow.js folder or its model.json; or the bytes of a file
 * @throws UsageError, ModelError when it cannot be read or is no such classifier
 */
export async function loadClassifier(
  source: string | Uint8Array,
  options: LoadClassifierOptions = {},
): Promise<LoadedClassifier> {
  checkSource("loadClassifier", "source", source);
  checkOptions("loadClassifier", loadClassifierTable, options);
  const name = typeof source === "string" ? source : "The model";
  return loaded(await classifierFrom(await modelSource(source), options, name));
}

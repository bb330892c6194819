import { dirname } from "node:path";
import { writeWhole } from "../artifacts/index.ts";
import { type Classifier, checkClassifier } from "../models/index.ts";
import { writeSafetensors } from "../onnx/index.ts";
import { checkOptions, checkRecord, checkString, refuse } from "../options/index.ts";
import { type Tensor, UsageError } from "../tensor/index.ts";
import {
  computedTensors,
  foldedNormalization,
  separateParameters,
  weightNames,
} from "../parameters/index.ts";
import { classifierFile } from "./classifier-file.ts";
import { loadClassifier } from "./load-classifier.ts";
import { saveTable } from "./options/save-table.ts";
import { formatOf, onlyFile, originFiles, withOriginOf } from "./origin-files.ts";
import type { SaveOptions } from "./save-options.ts";
import { layersWithSidecar, writeWithSidecar } from "./sidecar/index.ts";
import { writeLayersFolder } from "./write-layers-folder.ts";

/**
 * Writes a classifier as an ONNX file, atomically. Inputs, outputs and initializers have the names that they came
 * with; the classes, and what the model expects of pixels, are written into the file's metadata, and for JavaScript into a
 * `classifier.json` beside it, which is called for the file unless that is `model.onnx` (docs/metadata.md).
 *
 * A path that ends in `.keras`, `.h5` or `model.json` asks for the form that a classifier came from: that file again with the
 * weights of now, for `keras.models.load_model` or TensorFlow.js to load. The files of weights lie beside a model.json.
 *
 * @param metadata  key-value pairs to store in the ONNX file
 * @throws UsageError for a form that the classifier did not come from
 */
export async function saveClassifier(
  classifier: Classifier,
  path: string,
  metadata: Record<string, string> = {},
  options: SaveOptions = {},
): Promise<void> {
  const where = "saveClassifier";
  checkClassifier(where, "classifier", classifier);
  checkString(where, "path", path, "the path of a file");
  checkRecord(where, "metadata", metadata, "a record of strings");
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") refuse(where, `metadata ${key}`, value, "a string");
  }
  checkOptions(where, saveTable, options);
  const format = formatOf(path);
  if (format === null) {
    if (options.like !== undefined) {
      throw new UsageError(
        `${where}: like is for .keras, .h5 and model.json files; ${path} is none of them. Leave it out.`,
      );
    }
    return writeWithSidecar(path, classifierFile(classifier, metadata), classifier);
  }
  if (Object.keys(metadata).length > 0) {
    throw new UsageError(
      `${where}: ${path} has no place for metadata. Leave them out, or save an .onnx file too.`,
    );
  }
  const { like } = options;
  const model = like === undefined ? classifier : await restored(classifier, like);
  const files = originFiles(model, format, path);
  if (format !== "tfjs") return writeWithSidecar(path, onlyFile(files), classifier, { form: "layers" });
  await writeLayersFolder(dirname(path), await layersWithSidecar(dirname(path), files, classifier));
}

async function restored(classifier: Classifier, like: string | Uint8Array): Promise<Classifier> {
  const options = { imageShape: classifier.imageShape };
  return withOriginOf(
    classifier,
    await loadClassifier(like, options),
    typeof like === "string" ? like : "the file",
  );
}

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
  await writeWhole(path, weightsFile(classifier, also));
}

/** The bytes of a classifier's weights as a safetensors file. */
export function weightsFile(classifier: Classifier, also: readonly string[] = []): Uint8Array {
  const { input, logits, metadata } = classifier;
  const graph = separateParameters(classifier.graph);
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

/** A TensorFlow.js graph model as a classifier. Nothing of Node is in here, so that a page can do it too. */
import { readGraphModel } from "../graph-model/index.ts";
import { type Classifier, importClassifier } from "../models/index.ts";
import { modelOf } from "../onnx/index.ts";
import type { ImportKerasOptions } from "./import-keras.ts";
import { layersClassNames } from "./layers-class-names.ts";

/**
 * Reads a classifier that tensorflowjs_converter wrote as a graph model, to test it, to ask it, or to put a new head on it. It is
 * read as the ONNX file that tf2onnx would make of it: what is saved of it is ONNX.
 *
 * @param files    bytes by the names of the folder's files
 * @param options  as of `importKeras`
 * @throws UnsupportedOperatorsError that lists every node without a counterpart; UsageError for a model that is no image
 *         classifier; ModelError for files that cannot be read
 */
export function importGraphModel(
  files: ReadonlyMap<string, Uint8Array>,
  { imageShape, ...options }: ImportKerasOptions = {},
): Classifier {
  const source = options.source ?? "The model";
  const { graph, notes } = readGraphModel(files, source, { imageShape });
  const names = layersClassNames(files) ?? lineNames(files);
  // In the form in which others write names into an ONNX file, so that they are checked as those are.
  const metadata: Readonly<Record<string, string>> = names ? { class_names: JSON.stringify(names) } : {};
  const classifier = importClassifier({ ...modelOf(graph), metadata }, { ...options, source });
  return {
    ...classifier,
    notes: [...(classifier.notes ?? []), ...notes],
    trainingNotes: [
      `${source} is a graph model of TensorFlow.js, made of operators: what is trained of it is written as ONNX, not back into it.`,
    ],
  };
}

/** A name a line, as AutoML writes them beside its models. */
function lineNames(files: ReadonlyMap<string, Uint8Array>): readonly string[] | undefined {
  const bytes = files.get(classListName);
  if (!bytes) return undefined;
  const names = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim());
  while (names.at(-1) === "") names.pop();
  return names.length > 1 && !names.includes("") ? names : undefined;
}

/** The file of a folder that names the classes, of models that AutoML exported. */
export const classListName = "dict.txt";

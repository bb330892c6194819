/** A Keras model as a classifier: bytes in, and out again. Nothing of Node is in here, so that a page can do it too. */
import { type KerasClassifier, classifierOf } from "../keras/index.ts";
import { readKerasFile, readLayersFolder } from "../keras/archive/index.ts";
import {
  type BesideFacts,
  type Classifier,
  type Preprocessing,
  agreed,
  inferValues,
  widthOf,
} from "../models/index.ts";
import { isBytes, kindOf, refuse } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { layersClassNames } from "./layers-class-names.ts";
import { layersFacts } from "./layers-facts.ts";
import { onlyFile, originFiles } from "./origin-files.ts";
import { teachablePixels } from "./teachable-machine.ts";

/** What is stated here goes before what the file says. */
export interface ImportKerasOptions extends Preprocessing {
  /** Name of the logits (default: the model's output, before its softmax or sigmoid). */
  output?: string;
  /** Names of the classes, in the order of the logits (default: what the folder says; a `.keras` file has none). */
  classNames?: readonly string[];
  /** One image, [C, H, W], for a model that leaves its size open. */
  imageShape?: readonly [channels: number, height: number, width: number];
  /** What a file beside the model's says; it must agree with what the folder says. */
  beside?: BesideFacts;
  /** What to call the model in messages, e.g. its path. */
  source?: string;
}

/**
 * Reads a classifier that Keras or TensorFlow.js saved, to train it or to test it. It takes images [N, C, H, W], and remembers
 * the file that it came from: {@link kerasFile} is that file with the weights of now.
 *
 * @param source  the bytes of a `.keras` or `.h5` file; or a TensorFlow.js folder, bytes by the names of its files
 * @throws UnsupportedLayerError that lists every layer without a counterpart; UsageError for a model that is no image
 *         classifier; ModelError for files that cannot be read
 */
export function importKeras(
  source: Uint8Array | ReadonlyMap<string, Uint8Array>,
  options: ImportKerasOptions = {},
): Classifier {
  const { source: name, output, imageShape, classNames, beside, ...preprocessing } = options;
  if (!isBytes(source) && kindOf(source) !== "Map") {
    refuse("importKeras", "source", source, "the bytes of a Keras file, or a Map of a folder's files");
  }
  const title = name ?? "The model";
  const stored = isBytes(source) ? readKerasFile(source, title) : readLayersFolder(source, title);
  const { classifier, trainingRefusal, written }: KerasClassifier = classifierOf(stored, { imageShape });
  const told = isBytes(source) ? undefined : { ...layersFacts(source), ...teachablePixels(source) };
  const named = isBytes(source) ? undefined : layersClassNames(source);
  const known = agreed({ ...told, classNames: named, source: title }, beside ?? { source: title });
  if (beside?.classNames) checkCount(classifier, beside.classNames, beside.source, title);
  const { normalizes, temperature, classNames: names, ...facts } = known;
  return {
    ...classifier,
    ...told,
    // That it takes images of this size does not say that pixels in [0, 1] are what it was trained on: a file beside it does.
    imageShape: undefined,
    ...facts,
    ...(normalizes && { normalizesItself: normalizes === "in graph" }),
    // Of other logits nobody has said it; 1 is none.
    ...(temperature !== undefined && temperature !== 1 && output === undefined && { temperature }),
    ...statedOnly(preprocessing),
    logits: output ?? classifier.logits,
    classNames: classNames ?? names,
    ...(beside && beside.notes.length > 0 && { notes: [...(classifier.notes ?? []), ...beside.notes] }),
    origin: { format: stored.format, written },
    ...(trainingRefusal !== null && { trainingRefusal }),
  };
}

/** @throws UsageError for more names than there are classes */
function checkCount(
  { graph, input, logits }: Classifier,
  { length }: readonly string[],
  source: string,
  title: string,
): void {
  const width = widthOf(logits, inferValues(graph, input));
  if (width === null || length <= Math.max(2, width)) return;
  throw new UsageError(
    `${source} names ${length} classes and ${title} gives ${width} logits: they are of different models. Save the model anew, or ` +
      `move that file away.`,
  );
}

/** What is stated at all. */
const statedOnly = (preprocessing: Preprocessing): Preprocessing =>
  Object.fromEntries(Object.entries(preprocessing).filter(([, value]) => value !== undefined));

/**
 * The bytes of the `.keras` or `.h5` file that a classifier came from, with its weights of now.
 *
 * @throws UsageError for a classifier that came from no such file
 */
export function kerasFile(classifier: Classifier): Uint8Array {
  const format = classifier.origin?.format === "h5" ? "h5" : "keras";
  return onlyFile(originFiles(classifier, format, "kerasFile"));
}

/** The same of a TensorFlow.js folder: its files by name. @throws UsageError for a classifier that came from none */
export const layersFiles = (classifier: Classifier): ReadonlyMap<string, Uint8Array> =>
  originFiles(classifier, "tfjs", "layersFiles");

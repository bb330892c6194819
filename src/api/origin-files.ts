/** Classifiers in the form of the files that they were made of: where these go, and what is in them. */
import type { Classifier, Origin } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";

type Format = Origin["format"];

const titles: Readonly<Record<Format, string>> = {
  keras: "a .keras file",
  h5: "an HDF5 file (.h5)",
  tfjs: "a TensorFlow.js folder (model.json)",
};

/** What each form is called beside a model.onnx: a file or, for TensorFlow.js, a folder. */
export const homeNames: Readonly<Record<Format, string>> = {
  keras: "model.keras",
  h5: "model.h5",
  tfjs: "model-tfjs",
};

const endings: ReadonlyMap<string, Format> = new Map([
  [".keras", "keras"],
  [".h5", "h5"],
  [".hdf5", "h5"],
  [".json", "tfjs"],
]);

/** The form that a path asks for by its ending; null for ONNX, which takes any other. */
export const formatOf = (path: string): Format | null =>
  endings.get(/\.\w+$/.exec(path)?.[0].toLowerCase() ?? "") ?? null;

/**
 * The files that a classifier is in its own form, by name.
 *
 * @param format  the form that is asked for
 * @param path    where it is to go, for messages
 * @throws UsageError for a classifier that came from no such file
 */
export function originFiles(
  { graph, origin }: Classifier,
  format: Format,
  path: string,
): ReadonlyMap<string, Uint8Array> {
  if (!origin) {
    throw new UsageError(
      `${path}: the classifier "${graph.name}" came from no Keras file, or from an ONNX file that was saved of one, and ` +
        `cannot be written as ${titles[format]}. Save it as .onnx; or give like, the Keras file whose layers it has.`,
    );
  }
  if (origin.format !== format) {
    throw new UsageError(
      `${path}: the classifier "${graph.name}" came from ${titles[origin.format]} and cannot be written as ` +
        `${titles[format]}. Give a path that ends in ${endingOf(origin.format)}, or in .onnx.`,
    );
  }
  return origin.written(graph.initializers);
}

/** The one file of a form that is a single file, under whatever name it came. */
export function onlyFile(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [file] = files.values();
  return file;
}

const endingOf = (format: Format): string => (format === "tfjs" ? "model.json" : `.${format}`);

/**
 * A classifier that came back from an ONNX file, with the way home of the file that it was once made of.
 *
 * @param like  made of that file
 * @throws UsageError where it has not all of that file's weights
 */
export function withOriginOf(classifier: Classifier, like: Classifier, path: string): Classifier {
  if (!like.origin) {
    throw new UsageError(`like: ${path} is no Keras file. Give the .keras or .h5 file, or the folder.`);
  }
  const { initializers } = classifier.graph;
  for (const [name, { dtype, shape }] of like.graph.initializers) {
    if (dtype !== "float32") continue;
    const own = initializers.get(name);
    if (own?.shape.join() === shape.join()) continue;
    throw new UsageError(
      `like: ${path} has "${name}" [${shape.join(", ")}], and the classifier ${own ? `has it as [${own.shape.join(", ")}]` : "has none of that name"}. ` +
        `Give the file that it was trained from.`,
    );
  }
  return { ...classifier, origin: like.origin };
}

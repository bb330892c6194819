import { existsSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, removeLeftovers, writeWhole } from "../artifacts/index.ts";
import type { Classifier } from "../models/index.ts";
import { homeNames, onlyFile, originFiles } from "./origin-files.ts";
import { writeLayersFolder } from "./write-layers-folder.ts";

/**
 * Writes a classifier in the form of the Keras file that it was made of, beside its ONNX file: `model.keras`, `model.h5`,
 * or the folder `model-tfjs`.
 *
 * @returns where it lies; null for a classifier that came from no such file, for which nothing is written
 */
export async function saveOrigin(classifier: Classifier, folder: string): Promise<string | null> {
  const format = classifier.origin?.format;
  if (format === undefined) return null;
  const path = join(folder, homeNames[format]);
  const files = originFiles(classifier, format, path);
  makeFolder(folder);
  await (format === "tfjs" ? writeLayersFolder(path, files) : writeWhole(path, onlyFile(files)));
  return path;
}

/** What {@link saveOrigin} may have written to a folder, where it is there. */
export const originsIn = (folder: string): string[] =>
  Object.values(homeNames)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));

/** Removes what {@link saveOrigin} writes to a folder; files of others stay. */
export function clearOrigins(folder: string): void {
  const { tfjs, ...files } = homeNames;
  for (const name of Object.values(files)) rmSync(join(folder, name), { force: true });
  clearLayersFolder(join(folder, tfjs));
}

/** Removes a TensorFlow.js folder, and leaves it where it holds other files too. */
function clearLayersFolder(folder: string): void {
  if (!existsSync(folder)) return;
  removeLeftovers(folder);
  const names = readdirSync(folder);
  const own = names.filter((name) => /^(model\.json|.*\.bin)$/.test(name));
  for (const name of own) rmSync(join(folder, name));
  if (own.length === names.length) rmdirSync(folder);
}

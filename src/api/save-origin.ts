import { existsSync, lstatSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { makeFolder, readTextOfOurs, removeLeftovers, writeWhole } from "../artifacts/index.ts";
import type { Classifier } from "../models/index.ts";
import { homeNames, onlyFile, originFiles } from "./origin-files.ts";
import { type TrainingRecord, layersWithSidecar, sidecarName } from "./sidecar/index.ts";
import { writeLayersFolder } from "./write-layers-folder.ts";

/**
 * Writes a classifier in the form of the Keras file that it was made of, beside its ONNX file: `model.keras`, `model.h5`,
 * or the folder `model-tfjs`.
 *
 * @returns where it lies; null for a classifier that came from no such file, for which nothing is written
 */
export async function saveOrigin(
  classifier: Classifier,
  folder: string,
  record?: TrainingRecord,
): Promise<string | null> {
  const format = classifier.origin?.format;
  if (format === undefined) return null;
  const path = join(folder, homeNames[format]);
  const files = originFiles(classifier, format, path);
  makeFolder(folder);
  if (format === "tfjs")
    await writeLayersFolder(path, await layersWithSidecar(path, files, classifier, record));
  // The sidecar of the ONNX file beside it is this file's too.
  else await writeWhole(path, onlyFile(files));
  return path;
}

/** What {@link saveOrigin} may have written to a folder, where it is there. */
export const originsIn = (folder: string): string[] =>
  Object.values(homeNames)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));

/**
 * Removes what {@link saveOrigin} may have written to a folder for an earlier model; files of others stay.
 *
 * @param kept  what it wrote for this one
 */
export function clearOrigins(folder: string, kept: string | null): void {
  const { tfjs } = homeNames;
  for (const path of originsIn(folder)) {
    if (path === kept) continue;
    if (path === join(folder, tfjs)) clearLayersFolder(path);
    else if (lstatSync(path).isFile()) rmSync(path);
  }
}

/** Removes a TensorFlow.js folder's model, and the folder unless it holds other files too. */
function clearLayersFolder(folder: string): void {
  if (!lstatSync(folder).isDirectory()) return;
  removeLeftovers(folder);
  const model = join(folder, "model.json");
  // What names the others goes last.
  const others = [...weightFiles(model), sidecarName("model.json")].map((name) => join(folder, name));
  for (const path of [...others, model]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) rmSync(path);
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

const manifestSchema = z.object({ weightsManifest: z.array(z.object({ paths: z.array(z.string()) })) });

/** The names of the files beside a model.json that it says are its weights; none where it cannot be read. */
function weightFiles(model: string): string[] {
  try {
    const { weightsManifest } = manifestSchema.parse(JSON.parse(readTextOfOurs(model, "") ?? ""));
    return weightsManifest.flatMap(({ paths }) => paths).filter((path) => basename(path) === path);
  } catch {
    return [];
  }
}

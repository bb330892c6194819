/** A TensorFlow.js folder on disk: model.json and the files that it names, and none outside of it. */
import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { filesOfLayers, modelJsonName } from "../keras/archive/index.ts";
import { UsageError } from "../tensor/index.ts";
import { readModelBytes } from "./read-model-bytes.ts";

/** Where Teachable Machine and others name the classes, beside model.json. */
const METADATA = "metadata.json";
const LARGEST_METADATA = 2 ** 20;

/**
 * The files of a layers model by their names in its folder; model.json is called so whatever it is called there.
 *
 * @param path  of the model.json
 * @throws UsageError, ModelError for what cannot be read, and for files outside the folder
 */
export async function readLayersFiles(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = dirname(path);
  const modelJson = await readModelBytes(path);
  const files = new Map([[modelJsonName, modelJson]]);
  for (const name of filesOfLayers(modelJson, path).flatMap(({ paths }) => paths)) {
    const file = join(folder, name);
    await checkInside(file, folder);
    files.set(name, await readModelBytes(file));
  }
  const metadata = join(folder, METADATA);
  const found = await stat(metadata).catch(() => null);
  if (found?.isFile() && found.size <= LARGEST_METADATA) files.set(METADATA, await readModelBytes(metadata));
  return files;
}

/** A link may lead out of the folder. What is not there, the reader says. */
async function checkInside(file: string, folder: string): Promise<void> {
  const real = await realpath(file).catch(() => null);
  if (real === null) return;
  const [first] = relative(await realpath(folder), real).split(sep);
  if (first === "..") {
    throw new UsageError(
      `${folder} keeps weights in "${real}", outside of it. Copy the file into the folder.`,
    );
  }
}

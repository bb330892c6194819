/** A TensorFlow.js folder on disk: model.json and the files that it names, and none outside of it. */
import { dirname, join } from "node:path";
import { stat } from "node:fs/promises";
import { filesOfLayers, modelJsonName } from "../keras/archive/index.ts";
import { homesOf } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import { classListName } from "./import-graph-model.ts";
import { findNamed, readFound } from "./read-named.ts";
import { readModelBytes } from "./read-model-bytes.ts";

/** Where Teachable Machine, AutoML and others name the classes, beside model.json. */
const NAMING = ["metadata.json", classListName];
const LARGEST_NAMING = 2 ** 20;

/**
 * The files of a layers or graph model by their names in its folder; model.json is called so whatever it is called there. Files
 * of weights are read only when they are there, in the folder (links may not lead out of it), and together as long as
 * model.json says.
 *
 * @param path  of the model.json
 * @throws UsageError, ModelError for what cannot be read, and for files outside the folder
 */
export async function readLayersFiles(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const modelJson = await readModelBytes(path);
  const files = new Map([[modelJsonName, modelJson]]);
  const homes = await homesOf(path);
  for (const { paths, byteLength } of filesOfLayers(modelJson, path)) {
    const found = await Promise.all(paths.map((name) => findNamed(name, path, homes)));
    const total = found.reduce((sum, { size }) => sum + size, 0);
    if (total !== byteLength) {
      throw new UsageError(
        `The files of ${path}, ${paths.map((name) => JSON.stringify(name)).join(", ")}, have ${total} bytes; its ` +
          `weights need ${byteLength}. They are cut off, or of another model.`,
      );
    }
    for (const [index, name] of paths.entries())
      files.set(name, await readFound(found[index].path, name, path));
  }
  for (const name of NAMING) {
    const beside = join(dirname(path), name);
    const found = await stat(beside).catch(() => null);
    if (found?.isFile() && found.size <= LARGEST_NAMING) files.set(name, await readModelBytes(beside));
  }
  return files;
}

/** A TensorFlow.js folder on disk: model.json and the files that it names, and none outside of it. */
import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { filesOfLayers, modelJsonName } from "../keras/archive/index.ts";
import { UsageError } from "../tensor/index.ts";
import { readModelBytes } from "./read-model-bytes.ts";

/** Where Teachable Machine and others name the classes, beside model.json. */
const METADATA = "metadata.json";
const LARGEST_METADATA = 2 ** 20;

/**
 * The files of a layers model by their names in its folder; model.json is called so whatever it is called there. Files
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
    const found = await Promise.all(paths.map((name) => fileInside(name, path, homes)));
    const total = found.reduce((sum, { size }) => sum + size, 0);
    if (total !== byteLength) {
      throw new UsageError(
        `The files of ${path}, ${paths.map((name) => JSON.stringify(name)).join(", ")}, have ${total} bytes; its ` +
          `weights need ${byteLength}. They are cut off, or of another model.`,
      );
    }
    for (const [index, name] of paths.entries()) files.set(name, await readModelBytes(found[index].file));
  }
  const metadata = join(dirname(path), METADATA);
  const found = await stat(metadata).catch(() => null);
  if (found?.isFile() && found.size <= LARGEST_METADATA) files.set(METADATA, await readModelBytes(metadata));
  return files;
}

/**
 * Where a model's files may really lie: in the folder of its model.json, by name or, where model.json is itself a link (a
 * cache of downloads keeps all files of a model in one place), beside what it leads to.
 */
const homesOf = async (path: string): Promise<string[]> => [
  await realpath(dirname(path)),
  dirname(await realpath(path)),
];

async function fileInside(
  name: string,
  path: string,
  homes: readonly string[],
): Promise<{ file: string; size: number }> {
  const file = join(dirname(path), name);
  const real = await realpath(file).catch((cause: Error) => {
    throw new UsageError(
      `Cannot read ${file}: ${cause.message}. A saved model is a model.json with its weight files beside it.`,
      { cause },
    );
  });
  if (!homes.some((home) => isInside(real, home))) {
    throw new UsageError(
      `${path} keeps weights in "${real}", outside its folder. Copy the file into the folder.`,
    );
  }
  const found = await stat(real);
  if (!found.isFile()) throw new UsageError(`Cannot read ${file}: it is no file.`);
  return { file: real, size: found.size };
}

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way.split(sep)[0] !== ".." && !isAbsolute(way);
}

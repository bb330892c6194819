/** Files that a model names: they stay with the model, wherever links lead. */
import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { checkRegular } from "./read-regular.ts";

/**
 * Where the files that `path` names may really lie: in its folder or, where it is itself a link (a cache of downloads keeps
 * all files of a model in one place), beside what it leads to. ONNX Runtime 1.30 has the same two places.
 */
export const homesOf = async (path: string): Promise<string[]> => [
  await realpath(dirname(path)),
  dirname(await realpath(path)),
];

/** A file inside a model's folder. */
export interface InsideFile {
  /** Its real path, without links. */
  readonly path: string;
  readonly size: number;
}

/**
 * The file that a model names.
 *
 * @param name   relative to the folder of `model`
 * @param homes  as {@link homesOf} gives them
 * @throws Error whose message is the reason alone
 */
export async function fileInside(name: string, model: string, homes: readonly string[]): Promise<InsideFile> {
  if (name === "" || name.includes("\0") || isAbsolute(name) || hasDrive(name)) {
    throw new Error("it is no path relative to the model's folder");
  }
  const real = await realpath(join(dirname(model), name));
  if (!homes.some((home) => isInside(real, home)))
    throw new Error(`it leads outside the model's folder, to ${real}`);
  const found = await stat(real);
  checkRegular(found);
  return { path: real, size: found.size };
}

/** Windows's drives and streams: `C:x` is relative to another folder than this. */
const hasDrive = (name: string): boolean => sep === "\\" && name.includes(":");

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way.split(sep)[0] !== ".." && !isAbsolute(way);
}

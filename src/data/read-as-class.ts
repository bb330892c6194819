import { stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { classFiles, isStray } from "./class-files.ts";
import { listFolder } from "./folder-listing.ts";
import { findSplits } from "./found-splits.ts";

/**
 * Whether a folder lies, or would lie, where a folder of images by class has its classes: what is written there would be read as
 * a class the next time, or as a part of one.
 *
 * @param directory  the data set, or the name of one that is no folder
 * @param place      the folder to write, which need not exist
 */
export async function isReadAsClass(directory: string, place: string): Promise<boolean> {
  const path = relative(resolve(directory), resolve(place));
  const [first] = path.split(sep);
  if (first === ".." || resolve(place) === path) return false;
  if (!(await stat(directory).catch(() => null))?.isDirectory()) return false;
  const splits = await findSplits(directory);
  if (splits.length > 0) return splits.some(({ folder }) => folder === first);
  if (first.startsWith(".") || isStray(first)) return false;
  for (const folder of (await listFolder(directory)).folders.filter((name) => !isStray(name))) {
    if ((await classFiles(join(directory, folder))).images.length > 0) return true;
  }
  return false;
}

import { lstatSync } from "node:fs";
import { UsageError } from "../tensor/index.ts";

/**
 * Checks that nothing but files lies where files are to be written: better now than after hours.
 *
 * @throws UsageError for a folder, a pipe or a device
 */
export function checkPlaces(paths: readonly string[]): void {
  for (const path of paths) {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (!there || there.isFile() || there.isSymbolicLink()) continue;
    throw new UsageError(`${path} is no file, and one is to be written there. Move it away.`);
  }
}

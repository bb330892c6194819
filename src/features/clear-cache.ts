import { type Dirent, readdirSync, rmSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { removeLeftovers } from "../artifacts/index.ts";

/** Of a frozen part's folder, and of the files in it, as `fillCache` names them. */
const FOLDER = /^[0-9a-f]{32}$/;
const FILE = /^[0-9a-f]{32}\.(?:features|images\.json)$/;

/** Removes what a cache has written into a folder, and then the folder if nothing else is in it. */
export function clearCache(folder: string): void {
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory() || !FOLDER.test(entry.name)) continue;
    const part = join(folder, entry.name);
    removeLeftovers(part);
    for (const file of entriesOf(part))
      if (file.isFile() && FILE.test(file.name)) rmSync(join(part, file.name));
    removeIfEmpty(part);
  }
  removeIfEmpty(folder);
}

/** Bytes of the features that a cache has in a folder. */
export function cachedBytes(folder: string): number {
  let bytes = 0;
  for (const part of entriesOf(folder).filter((entry) => entry.isDirectory() && FOLDER.test(entry.name)))
    for (const file of entriesOf(join(folder, part.name)))
      if (file.isFile() && FILE.test(file.name)) bytes += sizeOf(join(folder, part.name, file.name));
  return bytes;
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not there, or holds what others have put in.
  }
}

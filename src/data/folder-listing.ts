import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "./errors.ts";

/** Names in a folder, links followed, hidden ones left out, in the order of code points: the same on every machine, and Python's. */
export interface FolderListing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** @throws DataError when the folder, or something in it, cannot be read */
export async function listFolder(directory: string): Promise<FolderListing> {
  const folders: string[] = [];
  const files: string[] = [];
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    for (const entry of entries.filter(({ name }) => !name.startsWith("."))) {
      const isFolder = entry.isSymbolicLink()
        ? (await stat(join(directory, entry.name))).isDirectory()
        : entry.isDirectory();
      (isFolder ? folders : files).push(entry.name);
    }
  } catch (cause) {
    throw new DataError(
      `Cannot list ${directory}: ${(cause as Error).message}. Check the path, its links and its permissions.`,
      { cause },
    );
  }
  return { folders: folders.sort(byCodePoint), files: files.sort(byCodePoint) };
}

/** UTF-8 has the order of code points; JavaScript's own order is that of UTF-16. */
const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

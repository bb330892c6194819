import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { makeFolder, writeWhole } from "../artifacts/index.ts";
import { UsageError } from "../tensor/index.ts";

/**
 * Checks, before hours of work, that files can later be written in `folder`, which need not exist yet.
 *
 * @throws UsageError when a file is in the way, or writing is not allowed
 */
export async function checkFolder(folder: string): Promise<void> {
  let existing = resolve(folder);
  for (;;) {
    // Below a file lies nothing: ENOTDIR ends the search further up, at the file itself.
    const found = await stat(existing).catch(() => null);
    if (found?.isDirectory()) break;
    if (found) {
      throw new UsageError(`Cannot write to the folder ${folder}: ${existing} is a file. Choose another.`);
    }
    existing = dirname(existing);
  }
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new UsageError(
      `Cannot write to the folder ${folder}: ${(cause as Error).message}. Choose another, or change its permissions.`,
      { cause },
    );
  }
}

/** Checks that a file can later be written at `path`. @throws UsageError */
export async function checkFile(path: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory()) {
    throw new UsageError(`Cannot write ${path}: it is a folder. Give the path of a file.`);
  }
  await checkFolder(dirname(path));
}

/** Writes a file, whole or not at all, and the folders above it where they are missing. */
export async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  makeFolder(dirname(path));
  await writeWhole(path, content);
}

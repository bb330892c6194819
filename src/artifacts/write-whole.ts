/**
 * The one way to write a file: whole or not at all. The bytes go to a temporary file in the same folder, are on the disk
 * before it takes the place of the old one, and are counted: a full disk may take a part of a write and say nothing.
 * Packages for this (write-file-atomic, atomically, steno) ignore how much was written, or do not wait for the disk.
 */
import type { Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { nullWhereMissing, stagedFile } from "./staged-file.ts";
import { WriteError } from "./write-error.ts";

/**
 * Writes a file, whole or not at all, whatever happens meanwhile: a full disk, a kill, another writer. A file that is
 * replaced keeps its mode and, where that is allowed, its owner; a symbolic link stays, and the file behind it is written.
 * Devices and pipes (`/dev/stdout`) are written to directly.
 *
 * @param content  text is written as UTF-8
 * @throws WriteError when it cannot be written; the old file is as it was, and nothing else is left in the folder
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const old = await stat(path).catch(nullWhereMissing);
    if (isStream(path, old)) return await writeInto(path, content);
    await (await stagedFile(path, content)).commit();
  } catch (error) {
    throw new WriteError(path, error);
  }
}

/** What cannot be replaced, and takes bytes as they come. */
const isStream = (path: string, old: Stats | null): boolean =>
  old !== null && !old.isDirectory() && (!old.isFile() || /^\/(dev|proc)\//.test(resolve(path)));

async function writeInto(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/**
 * The one way to write a file: whole or not at all. The bytes go to a temporary file in the same folder, are on the disk
 * before it takes the place of the old one, and are counted: a full disk may take a part of a write and say nothing.
 * Packages for this (write-file-atomic, atomically, steno) ignore how much was written, or do not wait for the disk.
 */
import type { Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { temporaryName } from "./temporary-name.ts";
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
    if (old?.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    // What may not be written to is not to be replaced, though renaming could.
    if (old) await (await open(path, "r+")).close();
    await replace(await behindLinks(path), content, old);
  } catch (error) {
    throw new WriteError(path, error);
  }
}

async function replace(path: string, content: string | Uint8Array, old: Stats | null): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  try {
    const file = await open(temporary, "wx", old ? old.mode & 0o777 : 0o666);
    try {
      // Writes until every byte is taken, unlike one call of write.
      await file.writeFile(content);
      if (old) await giveRightsOf(old, file);
      await synced(file);
    } finally {
      // Network file systems may say only now that there is no room.
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
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

/** Where the file lies, or is to lie, that a path leads to over symbolic links. */
async function behindLinks(path: string): Promise<string> {
  let place = resolve(path);
  // More links than any system follows.
  for (let links = 0; links < 64; links++) {
    place = join(await realpath(dirname(place)), basename(place));
    const there = await lstat(place).catch(nullWhereMissing);
    if (!there?.isSymbolicLink()) return place;
    place = resolve(dirname(place), await readlink(place));
  }
  throw Object.assign(new Error("too many symbolic links"), { code: "ELOOP" });
}

/** The mode and owner of the file that is replaced, where the file system has such and we may. */
async function giveRightsOf(old: Stats, file: FileHandle): Promise<void> {
  const own = await file.stat();
  // The owner first: changing it takes bits of the mode away.
  if (own.uid !== old.uid || own.gid !== old.gid) await file.chown(old.uid, old.gid).catch(unlessRefused);
  if (own.mode !== old.mode) await file.chmod(old.mode & 0o7777).catch(unlessRefused);
}

const synced = (file: FileHandle): Promise<void> => file.sync().catch(unlessUnknown);

/** Keeps the new name through a loss of power, too. */
async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r").catch(unlessRefused);
  if (!handle) return;
  try {
    await synced(handle);
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}

/** For what a file system does not know. */
function unlessUnknown(error: unknown): void {
  if (!["EINVAL", "ENOSYS", "ENOTSUP", "EBADF", "EISDIR"].includes(codeOf(error) ?? "")) throw error;
}

/** For what is not ours to do, or unknown. */
function unlessRefused(error: unknown): void {
  if (!["EPERM", "EACCES"].includes(codeOf(error) ?? "")) unlessUnknown(error);
}

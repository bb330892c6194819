/** A file that lies whole beside its place, on the disk, and needs but a new name. */
import type { Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { temporaryName } from "./temporary-name.ts";

export interface StagedFile {
  /** Takes the old file's place. @throws what the system throws; then nothing is left beside it */
  readonly commit: () => Promise<void>;
  /** Removes it again. */
  readonly discard: () => Promise<void>;
}

/**
 * Writes the bytes to a temporary file in the same folder. The one that takes its place has the old one's mode and, where that is
 * allowed, its owner; a symbolic link stays, and the file behind it is replaced.
 *
 * @throws what the system throws, where it cannot be written; nothing is left in the folder
 */
export async function stagedFile(path: string, content: string | Uint8Array): Promise<StagedFile> {
  const old = await stat(path).catch(nullWhereMissing);
  if (old?.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  // What may not be written to is not to be replaced, though renaming could.
  if (old) await (await open(path, "r+")).close();
  const place = await behindLinks(path);
  const folder = dirname(place);
  const temporary = join(folder, temporaryName());
  const discard = () => rm(temporary, { force: true }).catch(() => undefined);
  try {
    await writeTemporary(temporary, content, old);
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    try {
      await rename(temporary, place);
    } catch (error) {
      await discard();
      throw error;
    }
    await syncFolder(folder);
  };
  return { commit, discard };
}

async function writeTemporary(path: string, content: string | Uint8Array, old: Stats | null): Promise<void> {
  const file = await open(path, "wx", old ? old.mode & 0o777 : 0o666);
  try {
    // Writes until every byte is taken, unlike one call of write.
    await file.writeFile(content);
    if (old) await giveRightsOf(old, file);
    await synced(file);
  } finally {
    // Network file systems may say only now that there is no room.
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

export function nullWhereMissing(error: unknown): null {
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

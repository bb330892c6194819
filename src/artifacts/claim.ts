/** Making a lock's file: whole, and by one process alone. */
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { readLock } from "./lock-record.ts";
import { temporaryName } from "./temporary-name.ts";

/** A file that is written, and has no name yet that counts. */
export interface Draft {
  readonly path: string;
  readonly text: string;
  /** When it was, by the clock of the file system, which may be another machine's; milliseconds since 1970. */
  readonly writtenAt: number;
}

/** Writes a file that may become the lock at `place`. */
export function draft(place: string, text: string): Draft {
  const path = join(dirname(place), temporaryName());
  try {
    return { path, text, writtenAt: writeNew(path, text) };
  } catch (error) {
    discard({ path });
    throw error;
  }
}

export const discard = ({ path }: Pick<Draft, "path">): void => rmSync(path, { force: true });

/** What file systems without hard links say. */
const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES", "EINVAL", "EXDEV"];

/**
 * Gives a draft a lock's name, in one step that no second process can do. Where there are no hard links the file is made
 * under that name, and others may see it before it is whole.
 *
 * @returns whether the name was free
 */
export function claim(path: string, { path: from, text }: Draft): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // A network file system's answer may be lost, and the question asked again.
    if (code === "EEXIST") return readLock(path)?.stamp.endsWith(text) ?? false;
    if (!noLinks.includes(code)) throw error;
  }
  return claimWithoutLinks(path, text);
}

function claimWithoutLinks(path: string, text: string): boolean {
  try {
    writeNew(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    rmSync(path, { force: true });
    throw error;
  }
}

/** Writes a file that must not be there yet; the time of its writing. */
function writeNew(path: string, text: string): number {
  const file = openSync(path, "wx");
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
    return fstatSync(file).mtimeMs;
  } finally {
    closeSync(file);
  }
}

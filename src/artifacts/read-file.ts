import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { DamagedFileError } from "./damaged-file-error.ts";

/**
 * The bytes of a file of ours; null when there is none.
 *
 * @param advice  what to do where it cannot be read, as a sentence
 * @throws DamagedFileError for a folder, a pipe or a device in its place, and what the system refuses
 */
export function readFileOfOurs(path: string, advice: string): Uint8Array | null {
  let file: number;
  try {
    // A pipe that nobody writes to must not hold us up.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new DamagedFileError(path, message, advice, { cause });
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) {
      throw new DamagedFileError(path, stats.isDirectory() ? "it is a folder" : "it is no file", advice);
    }
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof DamagedFileError) throw cause;
    throw new DamagedFileError(path, (cause as Error).message, advice, { cause });
  } finally {
    closeSync(file);
  }
}

/** The text of a file of ours, as UTF-8; null when there is none. @throws DamagedFileError as {@link readFileOfOurs} */
export function readTextOfOurs(path: string, advice: string): string | null {
  const bytes = readFileOfOurs(path, advice);
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

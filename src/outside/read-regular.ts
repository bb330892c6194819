/** Files of outside origin: regular ones, of a bounded size, read as far as they were long when they were opened. */
import { type Stats, constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { type LimitName, checkLimit } from "../options/index.ts";

/**
 * The bytes of a file. A pipe or a device is refused before it is opened: it may have no end, or nobody at its other one.
 *
 * @param limit  how long it may be
 * @throws Error whose message is the reason alone, as "it is a pipe"; LimitError
 */
export async function readRegular(path: string, limit: LimitName = "fileBytes"): Promise<Uint8Array> {
  checkRegular(await stat(path));
  // Should it be another file by now, the open must not wait for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await file.stat();
    checkRegular(found);
    checkLimit(limit, found.size, `The file ${path}`);
    return await readAll(file, found.size);
  } finally {
    await file.close();
  }
}

/** @throws Error that says what it is instead of a regular file */
export function checkRegular(found: Stats): void {
  if (found.isFile()) return;
  throw new Error(`it is ${kindOf(found)}, no regular file`);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a pipe";
  if (found.isCharacterDevice() || found.isBlockDevice()) return "a device";
  return found.isSocket() ? "a socket" : "something else";
}

/** What one call of the system reads at most. */
const MOST_AT_ONCE = 2 ** 30;

async function readAll(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await file.read(bytes, at, Math.min(size - at, MOST_AT_ONCE), null);
    if (bytesRead === 0)
      throw new Error(`it had ${size} bytes and ends after ${at}: it changed while it was read`);
    at += bytesRead;
  }
  return bytes;
}

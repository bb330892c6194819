import { readFile } from "node:fs/promises";
import { DataError } from "./errors.ts";

/** A file's bytes. @throws DataError when it cannot be read */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DataError(
      `Cannot read ${file}: ${(cause as Error).message}. Check that it exists and may be read.`,
      { cause },
    );
  }
}

import { type LimitName, LimitError } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { DataError } from "./errors.ts";

/** A file's bytes. @throws DataError when it is no regular file or cannot be read, LimitError when it is too long */
export async function readBytes(file: string, limit: LimitName = "fileBytes"): Promise<Uint8Array> {
  try {
    return await readRegular(file, limit);
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new DataError(
      `Cannot read ${file}: ${(cause as Error).message}. Check that it exists and may be read.`,
      { cause },
    );
  }
}

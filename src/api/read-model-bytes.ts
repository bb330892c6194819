import { type LimitName, LimitError } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";

/** The bytes of a file of a model. @throws UsageError for what is no file, cannot be read, or is too large */
export async function readModelBytes(path: string, limit: LimitName = "fileBytes"): Promise<Uint8Array> {
  try {
    return await readRegular(path, limit);
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new UsageError(`Cannot read the model ${path}: ${(cause as Error).message}`, { cause });
  }
}

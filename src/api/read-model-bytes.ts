import { readFile, stat } from "node:fs/promises";
import { UsageError } from "../tensor/index.ts";

/** 2 GiB: what protobuf can hold, and Node reads at once. */
const LARGEST = 2 ** 31;

/** The bytes of a file of a model. @throws UsageError for what is no file, cannot be read, or is too large */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    // A device or a pipe may have no end.
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > LARGEST) throw new Error(`it has ${found.size} bytes, and at most ${LARGEST} are read`);
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read the model ${path}: ${(cause as Error).message}`, { cause });
  }
}

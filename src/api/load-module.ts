/** A user's module, read and run: of transforms, or of definitions. */
import { pathToFileURL } from "node:url";
import { readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";
import { sha256 } from "./manifest.ts";

export interface LoadedModule {
  /** By name; the default export is `default`. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** SHA-256 of the file. What it imports is not in it. */
  readonly sha256: string;
}

/**
 * @param what  what messages call its content: "transforms"
 * @param path  as it was written
 * @param file  where that is
 * @throws UsageError for a file that cannot be read or run
 */
export async function loadModule(what: string, path: string, file: string): Promise<LoadedModule> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(file);
  } catch (cause) {
    throw new UsageError(`Cannot read the ${what} ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    const exports = (await import(pathToFileURL(file).href)) as LoadedModule["exports"];
    return { exports, sha256: sha256(bytes) };
  } catch (cause) {
    const isUnknown = (cause as NodeJS.ErrnoException).code === "ERR_UNKNOWN_FILE_EXTENSION";
    const hint = isUnknown
      ? " This Node does not run TypeScript: compile it, or use Node 22.18 or newer."
      : "";
    throw new UsageError(`Cannot run the ${what} ${path}: ${(cause as Error).message}${hint}`, { cause });
  }
}

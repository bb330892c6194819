import { LimitError } from "../options/index.ts";
import { type InsideFile, fileInside, readRegular } from "../outside/index.ts";
import { UsageError } from "../tensor/index.ts";

/**
 * The bytes of a file that a model names.
 *
 * @param name   as the model has it
 * @param model  the model's own path
 * @param homes  where the file may lie, as `homesOf` says
 * @throws UsageError for what lies elsewhere, is no regular file or cannot be read; LimitError
 */
export async function readNamed(name: string, model: string, homes: readonly string[]): Promise<Uint8Array> {
  return readFound((await findNamed(name, model, homes)).path, name, model);
}

/** Where it lies, and how long it is. @throws UsageError as {@link readNamed} does */
export async function findNamed(name: string, model: string, homes: readonly string[]): Promise<InsideFile> {
  try {
    return await fileInside(name, model, homes);
  } catch (cause) {
    throw unreadable(name, model, cause);
  }
}

/** What {@link findNamed} found. */
export async function readFound(path: string, name: string, model: string): Promise<Uint8Array> {
  try {
    return await readRegular(path);
  } catch (cause) {
    throw cause instanceof LimitError ? cause : unreadable(name, model, cause);
  }
}

const unreadable = (name: string, model: string, cause: unknown): UsageError =>
  new UsageError(
    `${model} keeps weights in ${JSON.stringify(name)}, which cannot be read: ${(cause as Error).message}. Weights are ` +
      `regular files inside the model's own folder: copy the file there, or save the model anew.`,
    { cause },
  );

import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { WriteError } from "./write-error.ts";

/**
 * Makes a folder and those above it, where they are missing.
 *
 * @returns those that were missing, the innermost first: what `removeEmpty` takes
 * @throws WriteError
 */
export function makeFolder(path: string): readonly string[] {
  let outermost: string | undefined;
  try {
    outermost = mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new WriteError(path, cause);
  }
  if (outermost === undefined) return [];
  const made = [resolve(path)];
  while (made.at(-1) !== resolve(outermost)) made.push(dirname(made.at(-1)!));
  return made;
}

/** Removes folders, up to the first that holds something. @param folders  the innermost first */
export function removeEmpty(folders: readonly string[]): void {
  try {
    folders.forEach((folder) => rmdirSync(folder));
  } catch {
    // Somebody has put something in, or removed it.
  }
}

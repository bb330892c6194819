import { mkdirSync } from "node:fs";
import { WriteError } from "./write-error.ts";

/**
 * Makes a folder and those above it, where they are missing.
 *
 * @returns whether it was missing
 * @throws WriteError
 */
export function makeFolder(path: string): boolean {
  try {
    return mkdirSync(path, { recursive: true }) !== undefined;
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

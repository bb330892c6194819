import { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { WriteError } from "./write-error.ts";

/**
 * Adds a line to a file at once, whole or not at all as far as the process lives on: where the disk has room for a part of
 * it only, that part is cut off again.
 *
 * @throws WriteError
 */
export function appendLine(path: string, line: string): void {
  try {
    const file = openSync(path, "a");
    try {
      const { size } = fstatSync(file);
      try {
        writeFileSync(file, `${line}\n`);
      } catch (error) {
        ftruncateSync(file, size);
        throw error;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isGone, writerOf } from "./temporary-name.ts";

/** Milliseconds after which a file that nobody has written to is not being written, whoever began it. */
const deadAfter = 3600_000;

/**
 * Removes what killed processes of ours left half-written in a folder: files with names that only we give, of a process
 * that is gone or, where that cannot be known, an hour old. A folder that is not there has none.
 */
export function removeLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const writer = writerOf(name);
    if (writer === null) continue;
    const path = join(folder, name);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (!there?.isFile()) continue;
    if (isGone(writer) || Date.now() - there.mtimeMs > deadAfter) rmSync(path, { force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

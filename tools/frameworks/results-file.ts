import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a file of results, or undefined where the harness has written none yet. */
export function resultsFile(name: string): string | undefined {
  const path = join(import.meta.dirname, "results", name);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

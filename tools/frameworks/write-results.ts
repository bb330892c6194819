import { writeFileSync } from "node:fs";
import type { Results } from "./row.ts";

/** One row a line, so that a change of a row is a change of a line. */
export function writeResults(path: string, { versions, rows }: Results): void {
  const lines = rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n");
  writeFileSync(path, `{\n "versions": ${JSON.stringify(versions)},\n "rows": [\n${lines}\n ]\n}\n`);
}

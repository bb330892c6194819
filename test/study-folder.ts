import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What a study's seeds alone decide, by path: every file but those that hold times, as a hash. Two studies that did
 * the same have equal ones.
 */
export function decidedFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "manifest.json")
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(
    files.map((file) => [
      file.slice(folder.length + 1),
      createHash("sha256").update(readFileSync(file)).digest("hex"),
    ]),
  );
}

/** Ids of the cells in a study's folder whose config has these values. */
export function cellsWith(folder: string, values: Readonly<Record<string, unknown>>): string[] {
  const cells = join(folder, "cells");
  return readdirSync(cells).filter((id) => {
    const config = JSON.parse(readFileSync(join(cells, id, "config.json"), "utf8")) as Record<
      string,
      unknown
    >;
    return Object.entries(values).every(([key, value]) => config[key] === value);
  });
}

/** The text of a study of MNIST with three cells of some seconds: `base`, and `rwa` of two λ. */
export const tinyStudy = (name: string): string => `name: ${name}
data: { name: mnist, train: 32, validation: 8, test: 8 }
epochs: 1
batchSize: 16
families: [rotation]
methods: [base, rwa]
regularizers: [squaredL2]
lambda: { values: [0, 1] }
`;

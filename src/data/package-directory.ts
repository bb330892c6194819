import { createRequire } from "node:module";
import { dirname } from "node:path";
import { DataError } from "./errors.ts";

/** Where an installed package's files are. @throws DataError that says how to install it */
export function packageDirectory(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (cause) {
    throw new DataError(
      `The package "${name}" is not installed. Install it: npm install --ignore-scripts ${name}.`,
      { cause },
    );
  }
}

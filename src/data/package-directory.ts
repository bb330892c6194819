import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataError } from "./errors.ts";

/** Where an installed package's files are. @throws DataError that says how to install it */
export function packageDirectory(name: string): string {
  // In a bundle of CommonJS modules import.meta has no url; packages are then looked for from the working directory.
  const from = (import.meta.url as string | undefined) ?? join(process.cwd(), "bundle.js");
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch (cause) {
    throw new DataError(
      `The package "${name}" is not installed. Install it: npm install --ignore-scripts ${name}.`,
      { cause },
    );
  }
}

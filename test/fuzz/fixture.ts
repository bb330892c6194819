import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../fixtures");
const known = new Map<string, Uint8Array>();

/** A file of test/fixtures. */
export function fixture(path: string): Uint8Array {
  let bytes = known.get(path);
  if (!bytes) {
    bytes = new Uint8Array(readFileSync(join(root, path)));
    known.set(path, bytes);
  }
  return bytes;
}

/** The files of a folder of test/fixtures, by name. */
export const fixtureFolder = (path: string): Map<string, Uint8Array> =>
  new Map(readdirSync(join(root, path)).map((name) => [name, fixture(`${path}/${name}`)]));

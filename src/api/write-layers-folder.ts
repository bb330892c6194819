import { dirname, join } from "node:path";
import { makeFolder, writeWhole } from "../artifacts/index.ts";

/**
 * Writes the files of a TensorFlow.js folder, by name; model.json, which names the others, last.
 *
 * @throws WriteError
 */
export async function writeLayersFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const isLast = (name: string) => Number(name === "model.json");
  const inOrder = [...files].sort(([a], [b]) => isLast(a) - isLast(b));
  for (const [name, bytes] of inOrder) {
    makeFolder(dirname(join(folder, name)));
    await writeWhole(join(folder, name), bytes);
  }
}

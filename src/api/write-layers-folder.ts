import { writeTogether } from "../artifacts/index.ts";

/**
 * Writes the files of a TensorFlow.js folder, by name, all or none; model.json, which names the others, last.
 *
 * @throws WriteError
 */
export async function writeLayersFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const isLast = (name: string) => Number(name === "model.json");
  await writeTogether(folder, new Map([...files].sort(([a], [b]) => isLast(a) - isLast(b))));
}

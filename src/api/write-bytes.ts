import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { UsageError } from "../tensor/index.ts";

/** Writes a file, whole or not at all. @throws UsageError */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFileAtomic(path, Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw new UsageError(
      `Cannot write ${path}: ${(cause as Error).message}. Give a path that can be written.`,
      {
        cause,
      },
    );
  }
}

/** Writes the files of a TensorFlow.js folder, by name; model.json, which names the others, last. @throws UsageError */
export async function writeLayersFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const isLast = (name: string) => Number(name === "model.json");
  const inOrder = [...files].sort(([a], [b]) => isLast(a) - isLast(b));
  for (const [name, bytes] of inOrder) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeBytes(join(folder, name), bytes);
  }
}

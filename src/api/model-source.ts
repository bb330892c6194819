/**
 * What a path, or bytes, given as a model lead to: told by a file's first bytes and by what lies in a folder, never by a
 * name. The one place that decides it; `loadClassifier` and `evaluate` read each kind. Another kind is a member of
 * {@link ModelSource}, a branch in `fileSource` or `folderSource`, and its reader in load-classifier.ts.
 */
import { readdir, stat } from "node:fs/promises";
import { UsageError } from "../tensor/index.ts";
import { foreignFile, foreignFolder } from "./foreign-models.ts";
import { readModelBytes } from "./read-model-bytes.ts";

/** A model as it lies there, not yet read. */
export interface ModelSource {
  /** An ONNX file, or what claims to be one. */
  readonly kind: "onnx";
  readonly bytes: Uint8Array;
  /** Undefined for bytes. */
  readonly path: string | undefined;
}

/** @throws UsageError for what cannot be read, and for models of other forms, with what to do in their place */
export async function modelSource(source: string | Uint8Array): Promise<ModelSource> {
  if (typeof source !== "string") return fileSource(source, undefined);
  const found = await stat(source).catch((cause: Error) => {
    throw new UsageError(`Cannot read the model ${source}: ${cause.message}`, { cause });
  });
  return found.isDirectory() ? folderSource(source) : fileSource(await readModelBytes(source), source);
}

function fileSource(bytes: Uint8Array, path: string | undefined): ModelSource {
  const name = path ?? "The model";
  const foreign = foreignFile(bytes);
  if (foreign !== undefined) throw new UsageError(`${name} ${foreign}`);
  return { kind: "onnx", bytes, path };
}

async function folderSource(folder: string): Promise<never> {
  const names = await readdir(folder);
  throw new UsageError(`Cannot read the model ${folder}: it is a folder${foreignFolder(names, folder)}`);
}

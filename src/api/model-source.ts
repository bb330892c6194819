/**
 * What a path, or bytes, given as a model lead to: told by a file's first bytes and by what lies in a folder, never by a
 * name. The one place that decides it; `loadClassifier` and `evaluate` read each kind. Another kind is a member of
 * {@link ModelSource}, a branch in `fileSource` or `folderSource`, and its reader in classifier-from.ts.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isGraphModel } from "../graph-model/index.ts";
import { isKerasFile, layersInZip, modelJsonName } from "../keras/archive/index.ts";
import { UsageError } from "../tensor/index.ts";
import { onnxPlaces } from "./beside-model.ts";
import { foreignFile, foreignFolder } from "./foreign-models.ts";
import { readLayersFiles } from "./read-layers-files.ts";
import { readModelBytes } from "./read-model-bytes.ts";

/** A model as it lies there, not yet read. Of bytes, `path` is undefined. */
export type ModelSource = OnnxSource | KerasSource | GraphModelSource;

/** An ONNX file, or what may be one. */
export interface OnnxSource {
  readonly kind: "onnx";
  readonly bytes: Uint8Array;
  readonly path: string | undefined;
}

/** A `.keras` or `.h5` file; or the files of a TensorFlow.js folder with a layers model, by name. */
export interface KerasSource {
  readonly kind: "keras";
  readonly content: Uint8Array | ReadonlyMap<string, Uint8Array>;
  readonly path: string | undefined;
}

/** The files of a TensorFlow.js folder with a graph model, by name. */
export interface GraphModelSource {
  readonly kind: "graph-model";
  readonly content: ReadonlyMap<string, Uint8Array>;
  readonly path: string | undefined;
}

/** @throws UsageError for what cannot be read, and for models of other forms, with what to do in their place */
export async function modelSource(source: string | Uint8Array): Promise<ModelSource> {
  if (typeof source !== "string") return fileSource(source, undefined);
  const found = await stat(source).catch((cause: Error) => {
    if (isAddress(source)) throw new UsageError(addressAdvice(source));
    throw new UsageError(`Cannot read the model ${source}: ${cause.message}`, { cause });
  });
  return found.isDirectory() ? folderSource(source) : fileSource(await readModelBytes(source), source);
}

/** Whether a text is a URL. A file of that name goes before it. */
export const isAddress = (source: string): boolean => /^[a-z][a-z\d+.-]+:\/\//i.test(source);

/** What to do about a URL, as sentences. */
export const addressAdvice = (source: string): string =>
  /^file:/i.test(source)
    ? `${source} is a URL. Give the path: fileURLToPath(url).`
    : `${source} is an address, and no model is downloaded here. Download it (of a TensorFlow.js model, model.json and the files of ` +
      `weights that it names, into one folder), and give its path.`;

async function fileSource(bytes: Uint8Array, path: string | undefined): Promise<ModelSource> {
  const name = path ?? "The model";
  const foreign = foreignFile(bytes);
  if (foreign !== undefined) throw new UsageError(`${name} ${foreign}`);
  const layers = layersInZip(bytes, name);
  if (layers) return tfjsSource(layers, path);
  if (isKerasFile(bytes)) return { kind: "keras", content: bytes, path };
  if (isJson(bytes)) {
    if (path === undefined) {
      throw new UsageError(
        "These bytes are JSON. A model.json needs its files of weights: give the path of its folder.",
      );
    }
    return tfjsSource(await readLayersFiles(path), path);
  }
  return { kind: "onnx", bytes, path };
}

/** Layers or a graph: both are a model.json with its weights. */
const tfjsSource = (
  content: ReadonlyMap<string, Uint8Array>,
  path: string | undefined,
): KerasSource | GraphModelSource => ({
  kind: isGraphModel(content, path ?? "The model") ? "graph-model" : "keras",
  content,
  path,
});

/** Text that begins as a record of JSON does, as a model.json. */
const isJson = (bytes: Uint8Array): boolean => /^\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)));

async function folderSource(folder: string): Promise<ModelSource> {
  const names = await readdir(folder);
  if (names.includes(modelJsonName)) {
    return tfjsSource(await readLayersFiles(join(folder, modelJsonName)), folder);
  }
  // As Hugging Face's exporter and hub lay models out.
  if (names.includes("config.json")) {
    for (const place of onnxPlaces) {
      const path = join(folder, place);
      const isThere = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      );
      if (isThere) return fileSource(await readModelBytes(path), path);
    }
  }
  // The folder of a run of ours, or any in which somebody laid a model under the usual name.
  const own = join(folder, "model.onnx");
  if (names.includes("model.onnx") && (await stat(own)).isFile()) {
    return fileSource(await readModelBytes(own), own);
  }
  throw new UsageError(`Cannot read the model ${folder}: it is a folder${foreignFolder(names, folder)}`);
}

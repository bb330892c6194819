import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { type Classifier, importClassifier } from "../models/index.ts";
import { type Model, externalLocations, readModel } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type PreprocessingOptions, statedPreprocessing } from "./preprocessing-options.ts";

/** Options of {@link loadClassifier}. */
export interface LoadClassifierOptions extends PreprocessingOptions {
  /**
   * Name of the logits (default: followed back from the outputs through softmax, log-softmax or sigmoid, and what changes
   * shape, type or name only).
   */
  output?: string;
  /** Names of the classes, in the order of the logits (default: what the file says). */
  classNames?: readonly string[];
}

/**
 * Reads an image classifier that PyTorch or another exporter wrote, to train it or to test it.
 *
 * @param source  the path of an ONNX file (external data is read from its folder), or its bytes
 * @throws UsageError, ModelError when it cannot be read or is no such classifier
 */
export async function loadClassifier(
  source: string | Uint8Array,
  { output, classNames, ...options }: LoadClassifierOptions = {},
): Promise<Classifier> {
  const name = typeof source === "string" ? source : "The model";
  const model = typeof source === "string" ? await readModelFile(source) : readModel(source);
  return importClassifier(model, { ...statedPreprocessing(options), output, classNames, source: name });
}

/** An ONNX file with the external data beside it. @throws UsageError, ModelError */
export async function readModelFile(path: string): Promise<Model> {
  const bytes = await readOnnx(path);
  const external = new Map<string, Uint8Array>();
  for (const location of externalLocations(bytes)) {
    // A model must not make us read files outside its folder.
    if (isAbsolute(location) || normalize(location).split(sep).includes("..")) {
      throw new UsageError(`${path} keeps weights in "${location}", outside its folder. Save it anew.`);
    }
    external.set(location, await readOnnx(join(dirname(path), location)));
  }
  return readModel(bytes, path, external);
}

async function readOnnx(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read the model ${path}: ${(cause as Error).message}`, { cause });
  }
}

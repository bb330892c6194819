/** Whatever can be tested, as a function from images to logits. */
import { readFile } from "node:fs/promises";
import { type Predict, type PredictWithEmbeddings, predictedParts } from "../evaluate/index.ts";
import {
  type Classifier,
  type Normalization,
  checkNormalization,
  importClassifier,
  normalizeImages,
} from "../models/index.ts";
import { type Model, ModelError, externalLocations, modelOf, readModel, writeModel } from "../onnx/index.ts";
import { type ClassifierOptions, openClassifier } from "../runtime/index.ts";
import { type ImageBatch, UsageError } from "../tensor/index.ts";
import { evaluationForm, isTrainingForm } from "../train/index.ts";
import { readModelFile } from "./load-classifier.ts";
import { sha256 } from "./manifest.ts";
import { type NormalizationOptions, normalizationOf } from "./normalization-options.ts";

/** What can be tested: a trained classifier, an ONNX file by path or bytes, or a function from images to logits. */
export type Testable = Classifier | string | Uint8Array | Predict;

export type TestableOptions = NormalizationOptions &
  Pick<ClassifierOptions, "output" | "embedding" | "executionProvider" | "threads">;

export interface OpenedTestable {
  readonly predict: Predict;
  /** Only where an embedding is named. */
  readonly predictWithEmbeddings?: PredictWithEmbeddings;
  readonly release: () => Promise<void>;
  readonly name: string;
  /** Of the ONNX file; empty for a function. */
  readonly sha256: string;
  /** The tensor taken for the logits; null for a function, and for the first output of a file that only ONNX Runtime reads. */
  readonly logits: string | null;
  readonly normalization: Normalization | null;
  /** What was guessed or is doubtful, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Opens a model for testing.
 *
 * @param channels  of the images that it will get
 */
export async function openTestable(
  model: Testable,
  channels: number,
  options: TestableOptions,
): Promise<OpenedTestable> {
  const stated = normalizationOf(options);
  if (typeof model === "function") {
    const named = (["output", "embedding"] as const).find((option) => options[option] !== undefined);
    if (named !== undefined) {
      throw new UsageError(`A function has no tensor "${options[named]}". Leave ${named} out.`);
    }
    if (stated) throw new UsageError("A function normalises its images itself. Leave mean and std out.");
    const name = model.name || "function";
    const release = () => Promise.resolve();
    const predict: Predict = async (images) => predictedParts(await model(images)).logits;
    return { predict, release, name, sha256: "", logits: null, normalization: null, notes: [] };
  }
  const file = await fileOf(model);
  const normalization = stated ?? file.classifier?.normalization;
  if (normalization) checkNormalization(normalization, channels);
  const logits = options.output ?? file.classifier?.logits;
  const { embedding, executionProvider, threads } = options;
  const session = await openClassifier(file.bytes, { output: logits, embedding, executionProvider, threads });
  const entering = (images: ImageBatch) => (normalization ? normalizeImages(images, normalization) : images);
  const predictWithEmbeddings: PredictWithEmbeddings = (images) =>
    session.predictWithEmbeddings(entering(images));
  return {
    predict: (images) => session.predict(entering(images)),
    predictWithEmbeddings: embedding === undefined ? undefined : predictWithEmbeddings,
    release: () => session.release(),
    name: file.name,
    sha256: sha256(file.bytes),
    logits: logits ?? null,
    normalization: normalization ?? null,
    notes: file.classifier?.notes ?? [],
  };
}

interface TestableFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What our reader makes of it; null for a file that perhaps only ONNX Runtime can read. */
  readonly classifier: Classifier | null;
}

/** An ONNX file in the form that is to be run: its weights inside, and not in training mode. */
async function fileOf(model: Classifier | string | Uint8Array): Promise<TestableFile> {
  if (typeof model !== "string" && "graph" in model) {
    return { name: model.graph.name, bytes: writeModel(modelOf(model.graph)), classifier: model };
  }
  const name = typeof model === "string" ? model : "bytes";
  const bytes = typeof model === "string" ? await readBytes(model) : model;
  const isExternal = externalLocations(bytes).length > 0;
  const read = isExternal && typeof model === "string" ? await readModelFile(model) : readable(bytes, name);
  if (!read) return { name, bytes, classifier: null };
  const isKept = !isExternal && !isTrainingForm(read.graph);
  return {
    name,
    bytes: isKept ? bytes : writeModel({ ...read, graph: evaluationForm(read.graph) }),
    classifier: importClassifier(read, { source: name }),
  };
}

function readable(bytes: Uint8Array, name: string): Model | null {
  try {
    return readModel(bytes, name);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read the model ${path}: ${(cause as Error).message}`, { cause });
  }
}

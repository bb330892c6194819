import { readFile } from "node:fs/promises";
import { type TransformFamily, rotation } from "../augment/index.ts";
import { type Dataset, imagesAt, sampleCount } from "../data/index.ts";
import {
  type InvarianceOptions,
  type Predict,
  type PredictOptions,
  type PredictWithEmbeddings,
  type Scores,
  testClassifier,
} from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { modelOf, writeModel } from "../onnx/index.ts";
import { type ClassifierOptions, openClassifier } from "../runtime/index.ts";
import { UsageError } from "../tensor/index.ts";
import { describeFamily } from "./fit.ts";
import { imageSource } from "./image-source.ts";
import { type Manifest, manifestOf, sha256 } from "./manifest.ts";

/** Options of {@link evaluate}. */
export interface EvaluateOptions
  extends
    PredictOptions,
    Pick<InvarianceOptions, "distance">,
    Pick<ClassifierOptions, "output" | "executionProvider" | "threads"> {
  /**
   * The tensor that the invariance score compares, flattened for each image (default: the logits). Any tensor of the
   * model with one row per image can be named; every other score is of the logits.
   */
  embedding?: string;
  /** The family of shifts to test under (default `rotation()`). */
  transforms?: TransformFamily;
  /** Seed of the bootstrap intervals (default 0). */
  seed?: number;
  /** The command line, for the manifest. */
  command?: string;
}

export type EvaluationResult = Scores & { readonly manifest: Manifest };

/** What can be tested: a trained classifier, an ONNX file by path or bytes, or a function from images to logits. */
export type Testable = Classifier | string | Uint8Array | Predict;

/**
 * Tests a classifier by the paper's procedure: clean, per-member and robust accuracy, invariance score, alignment
 * gap and efficiency, with 95 % intervals.
 *
 * @example
 * const scores = await evaluate("model.onnx", data.test, { transforms: rotation() });
 *
 * @throws UsageError, RuntimeError, ModelError when the model and the data do not fit
 */
export async function evaluate(
  model: Testable,
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<EvaluationResult> {
  const startedAt = new Date();
  const {
    transforms = rotation(),
    batchSize,
    onProgress,
    seed = 0,
    distance = "l2",
    output,
    embedding,
    executionProvider,
    threads,
  } = options;
  const opened = await open(model, { output, embedding, executionProvider, threads });
  try {
    const samples = sampleCount(data);
    if (samples === 0)
      throw new UsageError(`The data set ${data.name} is empty; there is nothing to test on.`);
    // How many classes a model tells apart shows in what it predicts, and may be more than the data has.
    const classes = (await opened.predict(imagesAt(data, [0]))).length;
    if (classes < data.classNames.length) {
      throw new UsageError(
        `The model gives ${classes} logits an image; the data set ${data.name} has ${data.classNames.length} ` +
          `classes. Test on the data it was trained for, or name the logits' tensor as output.`,
      );
    }
    const labelled = { ...imageSource(data), labels: data.labels, classes };
    const predict = opened.predictWithEmbeddings ?? opened.predict;
    const scores = await testClassifier(predict, labelled, transforms, {
      batchSize,
      onProgress,
      seed,
      distance,
    });
    return {
      ...scores,
      manifest: manifestOf({
        command: options.command,
        config: {
          transforms: describeFamily(transforms),
          seed,
          output: output ?? null,
          distance,
          embedding: embedding ?? null,
        },
        data: { name: data.name, samples, sha256: data.hash },
        model: { name: opened.name, sha256: opened.sha256 },
        startedAt,
      }),
    };
  } finally {
    await opened.release();
  }
}

interface Opened {
  readonly predict: Predict;
  /** Only where an embedding is named. */
  readonly predictWithEmbeddings?: PredictWithEmbeddings;
  readonly release: () => Promise<void>;
  readonly name: string;
  /** Of the ONNX file; empty for a function. */
  readonly sha256: string;
}

async function open(model: Testable, options: ClassifierOptions): Promise<Opened> {
  if (typeof model === "function") {
    const unusable = (["output", "embedding"] as const).find((option) => options[option] !== undefined);
    if (unusable !== undefined) {
      throw new UsageError(`A function has no tensor "${options[unusable]}". Leave ${unusable} out.`);
    }
    return { predict: model, release: () => Promise.resolve(), name: model.name || "function", sha256: "" };
  }
  const isGraph = typeof model === "object" && "graph" in model;
  const bytes = isGraph
    ? writeModel(modelOf(model.graph))
    : typeof model === "string"
      ? await readOnnx(model)
      : model;
  const session = await openClassifier(bytes, {
    ...options,
    output: options.output ?? (isGraph ? model.logits : undefined),
  });
  const name = typeof model === "string" ? model : isGraph ? model.graph.name : "bytes";
  const predictWithEmbeddings: PredictWithEmbeddings = (images) => session.predictWithEmbeddings(images);
  return {
    ...session,
    predictWithEmbeddings: options.embedding === undefined ? undefined : predictWithEmbeddings,
    name,
    sha256: sha256(bytes),
  };
}

async function readOnnx(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`Cannot read the model ${path}: ${(cause as Error).message}`, { cause });
  }
}

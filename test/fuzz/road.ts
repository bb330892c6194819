/**
 * The road of a user with a model file: read it, look at it, test it on a few images, train it a step, and read back what that
 * wrote; as the commands inspect, evaluate and train go it. A stage that ends in a named error does not keep the next from being
 * tried.
 */
import {
  type EvaluateOptions,
  classifierFile,
  evaluate,
  fit,
  inspectTensors,
  loadClassifier,
  tryStep,
  weightsFile,
} from "../../src/api/index.ts";
import { type Dataset, datasetFromArrays, loadData, take } from "../../src/data/index.ts";
import { buildClassifier } from "../../src/models/index.ts";
import { float32, random, sizeOf } from "../../src/tensor/index.ts";
import { UnjudgedResultError, isNamed } from "./judge.ts";

/** What became of each stage: "result", or the class of the error. */
export type Walk = Record<string, string>;

/** Runs a stage. @throws what is neither a result nor a named error */
export async function stage<Result>(
  walk: Walk,
  name: string,
  job: () => Promise<Result> | Result,
): Promise<Result | undefined> {
  try {
    const result = await job();
    walk[name] = "result";
    return result;
  } catch (error) {
    if (!isNamed(error)) throw error;
    walk[name] = (error as Error).name;
    return undefined;
  }
}

const quiet = { onNote: () => undefined, threads: 1, seed: 0 } as const;

/** From a model's path to a trained file, on images of the size that it is for. */
export async function modelRoad(
  walk: Walk,
  path: string,
  data: Dataset,
  load: Parameters<typeof loadClassifier>[1] = {},
): Promise<void> {
  const { shape } = data;
  const classifier = await stage(walk, "load", () => loadClassifier(path, { imageShape: shape, ...load }));
  if (classifier) {
    await stage(walk, "inspect", async () => {
      inspectTensors(classifier, { shape });
      await tryStep(classifier, path, { shape }, { threads: 1 });
    });
  }
  await testRoad(walk, path, data);
  if (classifier) await trainRoad(walk, classifier, data);
}

export async function testRoad(
  walk: Walk,
  model: Parameters<typeof evaluate>[0],
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<void> {
  await stage(walk, "evaluate", async () => {
    const scores = await evaluate(model, data, {
      ...quiet,
      transforms: "rotation:90",
      batchSize: 4,
      ...options,
    });
    checkFinite(scores, "scores");
  });
}

export async function trainRoad(walk: Walk, model: Parameters<typeof fit>[0], data: Dataset): Promise<void> {
  const trained = await stage(walk, "fit", () =>
    fit(model, data, { ...quiet, transforms: "rotation:90", epochs: 1, batchSize: 4 }),
  );
  if (!trained) return;
  checkFinite(trained.history, "history");
  for (const name of trained.trained) checkFinite(trained.model.graph.initializers.get(name)!.data, name);
  weightsFile(trained.model, trained.trained);
  await stage(walk, "reload", () => loadClassifier(classifierFile(trained.model)));
}

/** @throws UnjudgedResultError for a number that is not finite, anywhere in a result */
export function checkFinite(value: unknown, path: string): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new UnjudgedResultError(`${path} is ${value}, without a word.`);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (ArrayBuffer.isView(value)) {
    const i = (value as Float32Array).findIndex((x) => !Number.isFinite(x));
    if (i >= 0) throw new UnjudgedResultError(`${path}[${i}] is not finite, without a word.`);
    return;
  }
  for (const [key, inner] of Object.entries(value)) checkFinite(inner, `${path}.${key}`);
}

/** Four images of noise, enough for a step. */
export function noise(shape: readonly [number, number, number], classes: number): Dataset {
  const count = 4;
  const rng = random(1, "fuzz");
  return datasetFromArrays({
    name: "noise",
    shape,
    pixels: Uint8Array.from({ length: count * sizeOf(shape) }, () => rng.integer(256)),
    labels: Array.from({ length: count }, (_, i) => i % classes),
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
  });
}

/** Both splits of the data set in the working directory, in a test and a step of a small classifier. */
export async function dataRoad(walk: Walk, options: Parameters<typeof loadData>[2] = {}): Promise<void> {
  const train = await stage(walk, "train split", () => loadData(".", "train", options));
  const test = await stage(walk, "test split", () => loadData(".", "test", options));
  if (train) await trainRoad(walk, linear(train), take(train, 4));
  if (test) await testRoad(walk, linear(test), take(test, 4));
}

/** By the mean of each channel. */
function linear({ shape: [channels, height, width], classNames }: Dataset) {
  return buildClassifier("linear", [channels, height, width], (g, images) => {
    const pooled = g.op1("Flatten", [g.op1("GlobalAveragePool", [images])], { axis: 1 });
    const shape = [channels, Math.max(2, classNames.length)];
    return g.matMul(pooled, g.initializer("w", float32(shape, new Float32Array(sizeOf(shape)).fill(0.1))));
  });
}

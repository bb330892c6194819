/**
 * An epoch of 10,000 MNIST images through `alignreg/tfjs`, and through TensorFlow.js's own `model.fit` on its CPU
 * backend: the same model object, batch 128, Adam.
 *
 * TensorFlow.js takes seconds for a step, so it trains on fewer images unless told otherwise, and its epoch is that
 * time scaled by the count of images; the row says so.
 */
import type * as Tensorflow from "@tensorflow/tfjs";
import { openMnist, take } from "../src/data/index.ts";
import { optionalImport } from "./optional-import.ts";
import type { Row } from "./record.ts";
import { tfjsLenet } from "./tfjs-lenet.ts";

const IMAGES = 10_000;
const BATCH_SIZE = 128;

/** The workload's name. */
export const EPOCH = "Epoch of 10,000 MNIST images, LeNet, batch 128, Adam, alignreg/tfjs";

/** Our row and TensorFlow.js's; none, and a note, where @tensorflow/tfjs is not installed. */
export async function tfjsEpoch(options: {
  threads: number;
  tfjsImages: number;
  note: (line: string) => void;
}): Promise<Row[]> {
  const tf = await optionalImport<typeof Tensorflow>("@tensorflow/tfjs");
  if (!tf) {
    options.note(
      "tfjs: skipped, @tensorflow/tfjs is not installed (npm install --save-dev @tensorflow/tfjs).",
    );
    return [];
  }
  const front = await import("../src/tfjs/index.ts");
  // Its checks and its banner cost time and lines.
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const train = take(await (await openMnist()).read("train"), IMAGES);

  const startOfOurs = performance.now();
  const { history } = await front.fit(tfjsLenet(tf), train, {
    method: "base",
    epochs: 1,
    batchSize: BATCH_SIZE,
    threads: options.threads,
  });
  const ours = (performance.now() - startOfOurs) / 1000;
  if (!(history.at(-1)!.loss < Math.LN10)) throw new Error("alignreg/tfjs did not learn in the epoch.");

  const count = Math.min(options.tfjsImages, IMAGES);
  // One channel: planar and interleaved are the same.
  const images = tf.tensor4d(
    Float32Array.from(train.pixels.subarray(0, count * 784), (v) => v / 255),
    [count, 28, 28, 1],
  );
  const labels = tf.oneHot(tf.tensor1d(train.labels.subarray(0, count), "int32"), 10);
  const model = tfjsLenet(tf);
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "categoricalCrossentropy" });
  const startOfTheirs = performance.now();
  await model.fit(images, labels, { batchSize: BATCH_SIZE, epochs: 1, verbose: 0 });
  const theirs = (performance.now() - startOfTheirs) / 1000;
  const scaled = count < IMAGES ? `, ${count} images × ${(IMAGES / count).toFixed(1)}` : "";
  const times = [
    { contender: "alignreg/tfjs", seconds: ours },
    { contender: `TF.js ${tf.version_core}, CPU backend${scaled}`, seconds: (theirs * IMAGES) / count },
  ];
  return times.map(({ contender, seconds }, i) => ({
    workload: EPOCH,
    contender,
    unit: "ms",
    median: 1000 * seconds,
    min: 1000 * seconds,
    n: 1,
    ratio: i === 0 ? null : seconds / ours,
    check: {},
    growth: null,
  }));
}

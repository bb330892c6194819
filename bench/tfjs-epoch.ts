/**
 * An epoch of 10,000 MNIST images through `alignreg/tfjs`, and through TensorFlow.js's own `model.fit` on its CPU
 * backend: the same model object, batch 128, Adam.
 *
 * TensorFlow.js takes seconds for a step, so it trains on fewer images unless told otherwise, and its epoch is that
 * time scaled by the count of images; the row says so.
 */
import type * as Tensorflow from "@tensorflow/tfjs";
import { openMnist, take } from "../src/data/index.ts";
import type * as Front from "../src/tfjs/index.ts";

const IMAGES = 10_000;
const BATCH_SIZE = 128;

/** Seconds for an epoch of 10,000 images. */
export interface EpochTime {
  readonly contender: string;
  readonly seconds: number;
}

/** @returns null where @tensorflow/tfjs is not installed */
export async function tfjsEpoch(options: {
  threads: number;
  tfjsImages: number;
}): Promise<EpochTime[] | null> {
  const installed = await load();
  if (!installed) return null;
  const { tf, front } = installed;
  // Its checks and its banner cost time and lines.
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const train = take(await (await openMnist()).read("train"), IMAGES);

  const startOfOurs = performance.now();
  const { history } = await front.fit(lenet(tf), train, {
    method: "base",
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
  const model = lenet(tf);
  model.compile({ optimizer: tf.train.adam(1e-3), loss: "categoricalCrossentropy" });
  const startOfTheirs = performance.now();
  await model.fit(images, labels, { batchSize: BATCH_SIZE, epochs: 1, verbose: 0 });
  const theirs = (performance.now() - startOfTheirs) / 1000;
  const scaled = count < IMAGES ? `, ${count} images × ${(IMAGES / count).toFixed(1)}` : "";
  return [
    { contender: "alignreg/tfjs", seconds: ours },
    { contender: `TF.js ${tf.version_core}, CPU backend${scaled}`, seconds: (theirs * IMAGES) / count },
  ];
}

async function load(): Promise<{ tf: typeof Tensorflow; front: typeof Front } | null> {
  try {
    return { tf: await import("@tensorflow/tfjs"), front: await import("../src/tfjs/index.ts") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

/** LeNet, channels last. */
function lenet(tf: typeof Tensorflow): Tensorflow.LayersModel {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 6,
        kernelSize: 5,
        padding: "same",
        activation: "relu",
      }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 120, activation: "relu" }),
      layers.dense({ units: 84, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
}

/** A training loop of one's own with worstCase and alignmentLoss, and fit: the same method twice. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { rotation } from "../src/augment/index.ts";
import { random } from "../src/tensor/index.ts";
import { alignmentLoss, datasetFromTensors, fit, worstCase } from "../src/tfjs/index.ts";
import { planar, randomizeWeights, useCpuBackend, valuesOf } from "./tfjs-model.ts";

beforeAll(useCpuBackend);

const SAMPLES = 6;
const STEPS = 3;

function smallModel(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        activation: "tanh",
        name: "conv",
      }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, name: "head" }),
    ],
  });
  randomizeWeights(model);
  return model;
}

test.each(["squaredL2", "cosine", "js"] as const)(
  "the rwa objective in a few lines of TensorFlow.js trains as fit does, with %s",
  async (regularizer) => {
    const family = rotation({ degrees: [30, -60] });
    const rng = random(4, "loop");
    const bytes = tf.tensor4d(
      Array.from({ length: SAMPLES * 64 }, () => rng.integer(256)),
      [SAMPLES, 8, 8, 1],
      "int32",
    );
    const labels = tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");
    const images: tf.Tensor4D = tf.div(bytes, 255);
    const batch = await planar(images);
    // One channel: planar and interleaved are the same.
    const views = family.members.slice(1).map((member) => tf.tensor4d(member.apply(batch), images.shape));

    const [byLoop, byFit] = [smallModel(), smallModel()];
    const before = await Promise.all(byLoop.getWeights().map(valuesOf));
    const oneHot = tf.oneHot(labels, 3);
    const optimizer = tf.train.sgd(0.1);
    for (let step = 0; step < STEPS; step++) {
      optimizer.minimize(() => {
        const worst = worstCase(byLoop, images, labels, views);
        const [z, zWorst] = [images, worst].map((x) => byLoop.apply(x, { training: true }) as tf.Tensor2D);
        const clean = tf.losses.softmaxCrossEntropy(oneHot, z);
        const worstLoss = tf.losses.softmaxCrossEntropy(oneHot, zWorst);
        return tf.addN([clean, worstLoss, tf.mul(alignmentLoss(z, zWorst, { regularizer }), 0.5)]).asScalar();
      });
    }

    await fit(byFit, await datasetFromTensors({ images: bytes, labels }), {
      method: "rwa",
      regularizer,
      transforms: family,
      alignmentWeight: 0.5,
      optimizer: "sgd",
      optimizerOptions: { momentum: 0 },
      learningRate: 0.1,
      batchSize: SAMPLES,
      epochs: STEPS,
    });
    const [loop, fitted] = [byLoop, byFit].map((model) => Promise.all(model.getWeights().map(valuesOf)));
    for (const [i, values] of (await loop).entries()) {
      expect((await fitted)[i]).toBeAllClose(values, { atol: 1e-5 });
      expect(values).not.toBeAllClose(before[i], { atol: 1e-3 });
    }
  },
);

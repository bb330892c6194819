import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { imagesFor, randomizeWeights, useCpuBackend, valuesOf } from "../../test/tfjs-model.ts";
import { worstCasePerSample } from "../augment/index.ts";
import { random } from "../tensor/index.ts";
import { worstCase } from "./worst-case.ts";

beforeAll(useCpuBackend);

const SAMPLES = 6;

function modelEndingIn(activation: "linear" | "softmax"): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [4, 4, 2], filters: 3, kernelSize: 2, activation: "relu" }),
      tf.layers.batchNormalization({}),
      tf.layers.dropout({ rate: 0.9 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation }),
    ],
  });
  randomizeWeights(model);
  return model;
}

describe.each(["linear", "softmax"] as const)("a model that ends in %s", (activation) => {
  test.each(["indices", "one-hot"])("each image gets its worst view, labels as %s", async (kind) => {
    const model = modelEndingIn(activation);
    const indices = tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");
    const labels = kind === "indices" ? indices : (tf.oneHot(indices, 3) as tf.Tensor2D);
    const members = [1, 2, 3].map((seed) => imagesFor(model, SAMPLES, random(seed, "worst")));
    const worst = worstCase(model, members[0], labels, members.slice(1));

    // TensorFlow.js's own cross-entropy of every member, and our selection on plain arrays.
    const losses = members.map((member) => {
      const output = model.predict(member) as tf.Tensor2D;
      const logits = activation === "softmax" ? tf.log(output) : output;
      const oneHot = tf.oneHot(indices, 3);
      return tf.losses.softmaxCrossEntropy(oneHot, logits, undefined, undefined, tf.Reduction.NONE);
    });
    const table = Float32Array.from((await Promise.all(losses.map(valuesOf))).flatMap((row) => [...row]));
    const chosen = worstCasePerSample(table, members.length, SAMPLES);
    expect(new Set(chosen).size).toBe(3);
    const expected = tf.stack([...chosen].map((member, i) => members[member].slice([i], [1]).squeeze([0])));
    expect(await valuesOf(worst)).toEqual(await valuesOf(expected));
  });
});

test("the clean image wins ties, and nothing but the result is left in memory", async () => {
  const model = modelEndingIn("linear");
  const images = imagesFor(model, SAMPLES);
  const labels = tf.zeros<tf.Rank.R1>([SAMPLES]);
  const before = tf.memory().numTensors;
  const worst = worstCase(model, images, labels, [images]);
  expect(tf.memory().numTensors).toBe(before + 1);
  expect(await valuesOf(worst)).toEqual(await valuesOf(images));
});

test("tensors that do not fit together are refused", () => {
  const model = modelEndingIn("linear");
  const images = imagesFor(model, 2);
  const labels = tf.zeros<tf.Rank.R1>([2]);
  expect(() => worstCase(model, images, labels, [])).toThrow(/no views/);
  expect(() => worstCase(model, images, labels, [imagesFor(model, 3)])).toThrow(/\[3,4,4,2\]/);
  expect(() => worstCase(model, images, tf.zeros<tf.Rank.R1>([3]), [images])).toThrow(
    /3 labels for 2 images/,
  );
});

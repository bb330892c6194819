/**
 * What must not change a TensorFlow.js model's numbers, over models of many makes: the batch size, layers at the end that
 * change shape or make a softmax, a way through a file, the order of the classes. And what training does to them: what
 * TensorFlow.js's own loop does.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { rotation } from "../src/augment/index.ts";
import type { Dataset } from "../src/data/index.ts";
import { random } from "../src/tensor/index.ts";
import {
  alignmentLoss,
  datasetFromTensors,
  evaluate,
  fit,
  loadLayersModel,
  saveLayersModel,
  worstCase,
} from "../src/tfjs/index.ts";
import { planar, randomizeWeights, useCpuBackend, valuesOf } from "./tfjs-model.ts";

beforeAll(useCpuBackend);

const { layers } = tf;
const SAMPLES = 12;
const CLASSES = 3;
const SHAPE: [number, number, number] = [8, 7, 2];
const family = rotation({ degrees: [25, -70] });
const quiet = { onNote: () => {} };

type Symbolic = tf.SymbolicTensor;
const apply = (layer: tf.layers.Layer, x: Symbolic | Symbolic[]): Symbolic => layer.apply(x) as Symbolic;
const through = (x: Symbolic, ...parts: tf.layers.Layer[]): Symbolic =>
  parts.reduce((y, part) => apply(part, y), x);
const conv = (filters: number, args: object = {}) =>
  layers.conv2d({ filters, kernelSize: 3, padding: "same", ...args });
const norm = () => layers.batchNormalization({ momentum: 0.7 });
const relu = () => layers.reLU();
const head = () => layers.dense({ units: CLASSES, name: "head" });
const pooled = () => layers.globalAveragePooling2d({});
const activation = (name: string) => layers.activation({ activation: name as "softmax" });

const functional = (body: (x: Symbolic) => Symbolic): tf.LayersModel => {
  const inputs = tf.input({ shape: SHAPE });
  return tf.model({ inputs, outputs: body(inputs) });
};
const sequential = (...parts: tf.layers.Layer[]): tf.LayersModel =>
  tf.sequential({ layers: [layers.inputLayer({ inputShape: SHAPE }), ...parts] });

/** Models that end in logits, of a layer "head". Where there is dropout, its rate. */
const models: Record<string, (rate: number) => tf.LayersModel> = {
  "convolution, pool, dense": () =>
    sequential(
      conv(4, { activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 6, activation: "tanh" }),
      head(),
    ),
  "residual blocks with batch normalization": () =>
    functional((images) => {
      const stem = through(images, conv(4, { useBias: false }), norm(), relu());
      const inner = through(
        stem,
        conv(4, { useBias: false }),
        norm(),
        relu(),
        conv(4, { useBias: false }),
        norm(),
      );
      const block = through(apply(layers.add(), [stem, inner]), relu());
      const down = through(block, conv(6, { strides: 2, useBias: false }), norm());
      const shortcut = through(block, conv(6, { kernelSize: 1, strides: 2, useBias: false }));
      return through(apply(layers.add(), [down, shortcut]), relu(), pooled(), head());
    }),
  "batch normalization and dropout": (rate) =>
    sequential(
      conv(4, { useBias: false }),
      norm(),
      relu(),
      layers.dropout({ rate }),
      layers.flatten(),
      layers.dense({ units: 8, useBias: false }),
      norm(),
      activation("relu"),
      layers.dropout({ rate }),
      head(),
    ),
  "depthwise and separable convolutions": () =>
    sequential(
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: "same" }),
      layers.reLU({ maxValue: 6 }),
      layers.separableConv2d({ filters: 5, kernelSize: 2, strides: 2 }),
      layers.leakyReLU(),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.flatten(),
      head(),
    ),
  "rescaling in front": () =>
    sequential(
      layers.rescaling({ scale: 2, offset: -1 }),
      layers.zeroPadding2d({ padding: 1 }),
      conv(3),
      relu(),
      pooled(),
      head(),
    ),
  "nested models": () => {
    const block = (name: string) =>
      tf.sequential({
        name,
        layers: [
          layers.conv2d({ inputShape: [8, 7, 2], filters: 2, kernelSize: 3, padding: "same" }),
          norm(),
          relu(),
        ],
      });
    const inner = functional((x) => apply(layers.add(), [apply(block("left"), x), x]));
    return functional((x) => through(x, inner, block("right"), layers.flatten(), head()));
  },
  "a shared layer": () => {
    const shared = conv(2, { activation: "tanh" });
    return functional((x) =>
      through(
        apply(layers.average(), [apply(shared, x), through(x, shared, shared)]),
        layers.flatten(),
        head(),
      ),
    );
  },
  "MobileNet v1's ending": () =>
    sequential(
      conv(4, { strides: 2, useBias: false }),
      norm(),
      activation("relu6"),
      pooled(),
      layers.reshape({ targetShape: [1, 1, 4] }),
      layers.dropout({ rate: 0 }),
      layers.conv2d({ filters: CLASSES, kernelSize: 1, name: "head" }),
    ),
  "dense connections, layer normalization": () =>
    functional((x) => {
      const first = through(x, conv(3), activation("swish"));
      const joined = apply(layers.concatenate(), [x, first]);
      return through(
        joined,
        layers.layerNormalization(),
        conv(4),
        layers.prelu({ sharedAxes: [1, 2] }),
        pooled(),
        head(),
      );
    }),
  "rows as a sequence": () =>
    sequential(
      layers.permute({ dims: [2, 1, 3] }),
      layers.reshape({ targetShape: [7, 16] }),
      layers.conv1d({ filters: 5, kernelSize: 3, activation: "elu" }),
      layers.globalMaxPooling1d(),
      head(),
    ),
  "regularizers, and a part that is frozen": () => {
    const kernelRegularizer = tf.regularizers.l1l2({ l1: 0.01, l2: 0.05 });
    return sequential(
      conv(4, { trainable: false, kernelRegularizer }),
      relu(),
      conv(4, { kernelRegularizer, useBias: false }),
      norm(),
      relu(),
      layers.flatten(),
      head(),
    );
  },
};

function build(name: string, rate = 0): tf.LayersModel {
  const model = models[name](rate);
  randomizeWeights(model, 7);
  return model;
}

let images: tf.Tensor4D;
let labels: tf.Tensor1D;
let data: Dataset;
beforeAll(async () => {
  const rng = random(5, "metamorphic");
  const bytes = tf.tensor4d(
    Array.from({ length: SAMPLES * 8 * 7 * 2 }, () => rng.integer(256)),
    [SAMPLES, ...SHAPE],
    "int32",
  );
  labels = tf.tensor1d(
    Array.from({ length: SAMPLES }, (_, i) => i % CLASSES),
    "int32",
  );
  images = tf.div(bytes, 255);
  data = await datasetFromTensors({ images: bytes, labels });
});

async function scoresOf(model: tf.LayersModel, set = data, batchSize?: number) {
  const scores = await evaluate(model, set, {
    transforms: family,
    ...(batchSize && { batchSize }),
    ...quiet,
  });
  return { ...scores, manifest: null, notes: [] };
}

/** The numbers of two scores, to 1e-5. */
function expectAlike(found: unknown, wanted: unknown): void {
  const numbers = (value: unknown): number[] =>
    typeof value === "number"
      ? [value]
      : value && typeof value === "object"
        ? Object.values(value).flatMap(numbers)
        : [];
  expect(numbers(found)).toBeAllClose(numbers(wanted), { atol: 1e-5, rtol: 1e-5 });
}

const ending = (...parts: (() => tf.layers.Layer)[]) => parts;
const endings = {
  softmax: ending(() => activation("softmax")),
  "softmax, Reshape": ending(
    () => layers.softmax({ axis: -1 }),
    () => layers.reshape({ targetShape: [CLASSES, 1] }),
    () => layers.flatten(),
  ),
  Reshape: ending(() => layers.reshape({ targetShape: [1, 1, CLASSES] })),
  "linear, logSoftmax": ending(
    () => activation("linear"),
    () => activation("logSoftmax"),
  ),
};

describe.each(Object.keys(models))("%s:", (name) => {
  test("scores stay under another batch size, another ending, a file, another order of classes", async () => {
    const model = build(name, 0.5);
    const scores = await scoresOf(model);
    expectAlike(await scoresOf(model, data, 5), scores);

    for (const parts of Object.values(endings)) {
      const flat = model.outputs[0].shape.length > 2 ? [layers.reshape({ targetShape: [CLASSES] })] : [];
      const wrapped = tf.sequential({ layers: [model, ...flat, ...parts.map((part) => part())] });
      expectAlike(await scoresOf(wrapped), scores);
    }

    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    await saveLayersModel(model, folder);
    expectAlike(await scoresOf(await loadLayersModel(folder)), scores);

    // Class k becomes class (k + 1) mod 3, for the model and the data.
    const from = tf.tensor1d([2, 0, 1], "int32");
    const last = model.getLayer("head");
    last.setWeights(last.getWeights().map((weight) => tf.gather(weight, from, weight.rank - 1)));
    const moved = await datasetFromTensors({
      images,
      labels: tf.mod(tf.add(labels, 1), CLASSES).toInt() as tf.Tensor1D,
    });
    const permuted = await scoresOf(model, moved);
    expectAlike(
      [permuted.cleanAccuracy, permuted.members, permuted.robustAccuracy, permuted.alignmentGap],
      [scores.cleanAccuracy, scores.members, scores.robustAccuracy, scores.alignmentGap],
    );
    expectAlike(permuted.invarianceScore.value, scores.invarianceScore.value);
  });

  test("three steps of rwa leave every weight where TensorFlow.js's own loop leaves it", async () => {
    const [byLoop, byFit] = [build(name), build(name)];
    const start = await Promise.all(byFit.getWeights().map(valuesOf));
    const batch = await planar(images);
    const views = family.members.slice(1).map((member) => {
      const pixels = tf.tensor4d(member.apply(batch), [SAMPLES, 2, 8, 7]);
      return tf.transpose(pixels, [0, 2, 3, 1]);
    });
    const oneHot = tf.oneHot(labels, CLASSES);
    const optimizer = tf.train.sgd(0.02);
    const variables = byLoop.trainableWeights.map((weight) => weight.read() as tf.Variable);
    for (let step = 0; step < 3; step++) {
      optimizer.minimize(
        () => {
          const worst = worstCase(byLoop, images, labels, views);
          // Both halves as one batch: its statistics are those of both.
          const outputs = byLoop.apply(tf.concat([images, worst], 0), { training: true }) as tf.Tensor;
          const logits = tf.reshape(outputs, [2 * SAMPLES, CLASSES]);
          const [z, zWorst] = tf.split<tf.Tensor2D>(logits, 2, 0);
          const losses = [z, zWorst].map((x) => tf.losses.softmaxCrossEntropy(oneHot, x).asScalar());
          const penalties = byLoop.calculateLosses();
          return tf.addN([...losses, tf.mul(alignmentLoss(z, zWorst), 0.2), ...penalties]).asScalar();
        },
        false,
        variables,
      );
    }
    const { trained } = await fit(byFit, data, {
      ...quiet,
      method: "rwa",
      transforms: family,
      alignmentWeight: 0.2,
      optimizer: "sgd",
      optimizerOptions: { momentum: 0 },
      learningRate: 0.02,
      batchSize: SAMPLES,
      epochs: 3,
    });
    const names = byFit.trainableWeights.map(({ originalName }) => originalName);
    expect([...trained].sort()).toEqual(names.sort());
    expect(byFit.weights).toHaveLength(byLoop.weights.length);
    for (const [i, weight] of byLoop.weights.entries()) {
      const wanted = await valuesOf(weight.read());
      const found = await valuesOf(byFit.weights[i].read());
      expect(found, weight.originalName).toBeAllClose(wanted, { atol: 1e-4 });
    }
    const moved = await Promise.all(byFit.getWeights().map(valuesOf));
    expect(moved).not.toEqual(start);
  });
});

/** The Python package's objective, written out with TensorFlow.js, and fit's compat: the same steps. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type TransformFamily, rotation } from "../src/augment/index.ts";
import { random } from "../src/tensor/index.ts";
import { datasetFromTensors, fit } from "../src/tfjs/index.ts";
import { planar, randomizeWeights, useCpuBackend, valuesOf } from "./tfjs-model.ts";

beforeAll(useCpuBackend);

const { layers, regularizers } = tf;
const SAMPLES = 6;
const STEPS = 3;
const RATE = 0.02;
const WEIGHT = 0.3;

/** Batch statistics, and a regularizer of every kind of weight. */
function model(frozen = false): tf.LayersModel {
  const l2 = regularizers.l2({ l2: 0.05 });
  const made = tf.sequential({
    layers: [
      layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 4,
        kernelSize: 3,
        kernelRegularizer: l2,
        useBias: false,
        name: "conv",
      }),
      layers.batchNormalization({
        momentum: 0.6,
        gammaRegularizer: regularizers.l1({ l1: 0.04 }),
        name: "norm",
      }),
      layers.activation({ activation: "tanh" }),
      layers.depthwiseConv2d({ kernelSize: 3, depthwiseRegularizer: l2, name: "each" }),
      layers.separableConv2d({
        filters: 3,
        kernelSize: 2,
        depthwiseRegularizer: regularizers.l1l2({ l1: 0.02, l2: 0.03 }),
        pointwiseRegularizer: l2,
        name: "separable",
      }),
      layers.prelu({ sharedAxes: [1, 2], alphaRegularizer: l2 }),
      layers.dropout({ rate: 0 }),
      layers.flatten(),
      layers.dense({ units: 5, kernelRegularizer: l2, trainable: !frozen, name: "inner" }),
      layers.dense({ units: 3, biasRegularizer: regularizers.l1({ l1: 0.05 }), name: "head" }),
    ],
  });
  randomizeWeights(made);
  return made;
}

async function given(family: TransformFamily) {
  const rng = random(4, "package");
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
  const data = await datasetFromTensors({ images: bytes, labels });
  return { images, views, oneHot: tf.oneHot(labels, 3), data };
}

const sgd = {
  optimizer: "sgd",
  optimizerOptions: { momentum: 0 },
  learningRate: RATE,
  batchSize: SAMPLES,
  epochs: STEPS,
  onNote: () => {},
} as const;

async function expectEqualWeights(found: tf.LayersModel, wanted: tf.LayersModel) {
  const trains = new Set(wanted.trainableWeights);
  const start = await Promise.all(model().getWeights().map(valuesOf));
  for (const [i, weight] of wanted.weights.entries()) {
    const values = await valuesOf(weight.read());
    expect(await valuesOf(found.getWeights()[i]), weight.originalName).toBeAllClose(values, { atol: 1e-5 });
    if (trains.has(weight)) expect(values, weight.originalName).not.toBeAllClose(start[i], { atol: 1e-3 });
  }
}

const penalty = (of: tf.LayersModel): tf.Scalar => tf.addN(of.calculateLosses()).asScalar();

test.each(["auto", "plain"] as const)("compat takes the package's steps (lowering %s)", async (lowering) => {
  const family = rotation({ degrees: [20, 30, -60] });
  const { images, views, oneHot, data } = await given(family);
  const [byLoop, byFit] = [model(), model()];
  const optimizer = tf.train.sgd(RATE);
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const loss = optimizer.minimize(() => {
      const run = (x: tf.Tensor, training: boolean) => byLoop.apply(x, { training }) as tf.Tensor2D;
      const crossEntropy = (z: tf.Tensor2D) => tf.losses.softmaxCrossEntropy(oneHot, z).asScalar();
      // In training mode first, which moves the statistics that all the others see.
      const clean = crossEntropy(run(images, true));
      const means = views.map((view) => crossEntropy(run(view, false)).dataSync()[0]);
      const worst = views[means.indexOf(Math.max(...means))];
      const [z, zWorst] = [run(images, false), run(worst, false)];
      const distance = tf.sum(tf.square(tf.sub(z, zWorst)));
      const weighed = tf.mul(tf.add(crossEntropy(zWorst), distance), WEIGHT);
      return tf.addN([clean, weighed, penalty(byLoop)]).asScalar();
    }, true);
    losses.push(loss!.dataSync()[0]);
  }
  const { history } = await fit(byFit, data, {
    ...sgd,
    compat: "alignreg-1.0",
    alignmentWeight: WEIGHT,
    transforms: family,
    lowering,
  });
  await expectEqualWeights(byFit, byLoop);
  expect(history.filter(({ kind }) => kind === "epoch").map(({ loss }) => loss)).toBeAllClose(losses, {
    rtol: 1e-5,
  });
});

describe("regularizers of layers count in fit as in TensorFlow.js's own fit", () => {
  test.each([false, true])("frozen layer: %s", async (frozen) => {
    const { images, oneHot, data } = await given(rotation());
    const [theirs, ours] = [model(frozen), model(frozen)];
    theirs.compile({
      optimizer: tf.train.sgd(RATE),
      loss: (labels, z) => tf.losses.softmaxCrossEntropy(labels, z),
    });
    const options = { batchSize: SAMPLES, epochs: STEPS, shuffle: false, verbose: 0 } as const;
    const { history } = await theirs.fit(images, oneHot, options);
    const fitted = await fit(ours, data, { ...sgd, method: "base" });
    await expectEqualWeights(ours, theirs);
    const epochs = fitted.history.filter(({ kind }) => kind === "epoch");
    expect(epochs.map(({ loss }) => loss)).toBeAllClose(history.loss as number[], { rtol: 1e-5 });
    expect(fitted.manifest.config).toMatchObject({ penalties: expect.any(Array) as unknown });
  });

  test("a shared layer's once for each call, and says so", async () => {
    const shared = (): tf.LayersModel => {
      const input = tf.input({ shape: [8, 8, 1] });
      const l2 = regularizers.l2({ l2: 0.1 });
      const twice = layers.conv2d({ filters: 1, kernelSize: 3, kernelRegularizer: l2 });
      const x = twice.apply(twice.apply(input)) as tf.SymbolicTensor;
      const flat = layers.flatten().apply(x) as tf.SymbolicTensor;
      const made = tf.model({
        inputs: input,
        outputs: layers.dense({ units: 3 }).apply(flat) as tf.SymbolicTensor,
      });
      randomizeWeights(made);
      return made;
    };
    const { images, oneHot, data } = await given(rotation());
    const [theirs, ours] = [shared(), shared()];
    theirs.compile({
      optimizer: tf.train.sgd(RATE),
      loss: (labels, z) => tf.losses.softmaxCrossEntropy(labels, z),
    });
    await theirs.fit(images, oneHot, { batchSize: SAMPLES, epochs: STEPS, shuffle: false, verbose: 0 });
    const { notes } = await fit(ours, data, { ...sgd, method: "base" });
    for (const [i, weight] of theirs.getWeights().entries())
      expect(await valuesOf(ours.getWeights()[i])).toBeAllClose(await valuesOf(weight), { atol: 1e-5 });
    expect(notes.join()).toMatch(/count once for each call.*\(2\)/);
  });
});

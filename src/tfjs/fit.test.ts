import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { randomizeWeights, useCpuBackend, valuesOf } from "../../test/tfjs-model.ts";
import { rotation } from "../augment/index.ts";
import type { Dataset } from "../data/index.ts";
import { UsageError, random } from "../tensor/index.ts";
import { DivergedError } from "../train/index.ts";
import { datasetFromTensors } from "./dataset-from-tensors.ts";
import { fit } from "./fit.ts";

beforeAll(useCpuBackend);

const { layers } = tf;
const SAMPLES = 8;
const CLASSES = 3;

/** Every kind of weight: convolutions of three kinds, dense layers on vectors and channels, normalisation, a slope. */
function smallModel(): tf.LayersModel {
  const input = tf.input({ shape: [8, 7, 2] });
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
    layer.apply(x) as tf.SymbolicTensor;
  const shared = layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", name: "shared" });
  let x = apply(
    layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", useBias: false, name: "first" }),
    input,
  );
  x = apply(layers.batchNormalization({ momentum: 0.7, name: "norm" }), x);
  x = apply(shared, apply(shared, apply(layers.reLU(), x)));
  const skip = apply(layers.depthwiseConv2d({ kernelSize: 3, padding: "same", name: "depthwise" }), x);
  x = apply(layers.add(), [x, skip]);
  x = apply(layers.maxPooling2d({ poolSize: 2 }), x);
  x = apply(layers.separableConv2d({ filters: 5, kernelSize: 2, depthMultiplier: 2, name: "separable" }), x);
  x = apply(layers.prelu({ sharedAxes: [1, 2], name: "slope" }), x);
  x = apply(layers.dense({ units: 4, activation: "tanh", name: "channels" }), x);
  x = apply(
    tf.sequential({ layers: [layers.layerNormalization({ inputShape: [3, 2, 4], name: "inner" })] }),
    x,
  );
  x = apply(layers.flatten(), x);
  x = apply(layers.dense({ units: CLASSES, activation: "softmax", name: "head" }), x);
  const model = tf.model({ inputs: input, outputs: x });
  randomizeWeights(model);
  return model;
}

/** Images of bytes, as tensors for TensorFlow.js and as a data set for us. */
async function smallData(): Promise<{ images: tf.Tensor4D; oneHot: tf.Tensor2D; data: Dataset }> {
  const rng = random(3, "data");
  const bytes = tf.tensor4d(
    Array.from({ length: SAMPLES * 8 * 7 * 2 }, () => rng.integer(256)),
    [SAMPLES, 8, 7, 2],
    "int32",
  );
  const labels = tf.tensor1d(
    Array.from({ length: SAMPLES }, (_, i) => i % CLASSES),
    "int32",
  );
  return {
    images: tf.div(bytes, 255),
    oneHot: tf.oneHot(labels, CLASSES) as tf.Tensor2D,
    data: await datasetFromTensors({ images: bytes, labels }),
  };
}

async function weightsOf(model: tf.LayersModel): Promise<Map<string, Float32Array>> {
  const read = model.weights.map(
    async (w) => [w.originalName, Float32Array.from(await valuesOf(w.read()))] as const,
  );
  return new Map(await Promise.all(read));
}

const sgd = {
  method: "base",
  epochs: 1,
  optimizer: "sgd",
  optimizerOptions: { momentum: 0 },
  batchSize: SAMPLES,
} as const;

describe("a step of plain gradient descent", () => {
  test("leaves every weight and moving statistic where TensorFlow.js's step leaves it", async () => {
    const { images, oneHot, data } = await smallData();
    const [theirs, ours] = [smallModel(), smallModel()];
    theirs.compile({ optimizer: tf.train.sgd(0.05), loss: "categoricalCrossentropy" });
    const before = await weightsOf(ours);
    const predicted = await valuesOf(ours.predict(images) as tf.Tensor);

    await theirs.fit(images, oneHot, { batchSize: SAMPLES, epochs: 1, shuffle: false, verbose: 0 });
    const { model, history } = await fit(ours, data, { ...sgd, learningRate: 0.05 });

    expect(model).toBe(ours);
    expect(history.at(-1)?.kind).toBe("epoch");
    const [wanted, found] = [await weightsOf(theirs), await weightsOf(ours)];
    expect(found.size).toBe(19);
    for (const [name, values] of wanted) {
      expect(found.get(name)!, name).toBeAllClose(values, { atol: 2e-6, rtol: 1e-5 });
      expect(found.get(name), `${name} moved`).not.toEqual(before.get(name));
    }
    const after = await valuesOf(ours.predict(images) as tf.Tensor);
    expect(after).not.toEqual(predicted);
    expect(after).toBeAllClose(await valuesOf(theirs.predict(images) as tf.Tensor), { atol: 1e-5 });
  });
});

describe("trainable = false", () => {
  test("keeps a layer's weights and statistics, and a nested model's, bit for bit", async () => {
    const { data } = await smallData();
    const model = smallModel();
    for (const { name } of model.layers)
      if (/^(first|norm|sequential)/.test(name)) model.getLayer(name).trainable = false;
    const before = await weightsOf(model);
    await fit(model, data, { ...sgd, learningRate: 0.05 });
    for (const [name, values] of await weightsOf(model)) {
      const isFrozen = /(first|norm|inner)\//.test(name);
      if (isFrozen) expect(values, name).toEqual(before.get(name));
      else expect(values, name).not.toEqual(before.get(name));
    }
  });

  test("on all layers leaves nothing to train", async () => {
    const { data } = await smallData();
    const model = smallModel();
    model.trainable = false;
    await expect(fit(model, data, sgd)).rejects.toThrow(/No weight of the model/);
  });
});

test("a run that fails writes nothing into the model", async () => {
  const { data } = await smallData();
  const model = smallModel();
  const before = await weightsOf(model);
  await expect(fit(model, data, { ...sgd, learningRate: 1e30, epochs: 5 })).rejects.toThrow(DivergedError);
  expect(await weightsOf(model)).toEqual(before);
});

test("rwa aligns views, and a finished checkpoint gives the same weights again", async () => {
  const { data } = await smallData();
  const checkpoint = join(await mkdtemp(join(tmpdir(), "alignreg-")), "run.ckpt");
  const options = { method: "rwa", transforms: rotation(), epochs: 2, batchSize: 4, checkpoint } as const;
  const model = smallModel();
  const initial = model.getWeights().map((weight) => weight.clone());
  const { history, manifest } = await fit(model, data, options);
  expect(history.at(-1)?.alignment).toBeGreaterThan(0);
  expect(manifest.model.name).toBe(model.name);
  const trained = await weightsOf(model);
  model.setWeights(initial);
  const started: number[] = [];
  await fit(model, data, { ...options, resume: true, onStart: (step) => started.push(step) });
  expect(started).toEqual([4]);
  expect(await weightsOf(model)).toEqual(trained);
});

test("what TensorFlow.js would train otherwise is refused, all of it at once", async () => {
  const { data } = await smallData();
  const input = tf.input({ shape: [8, 7, 2] });
  const norm = layers.batchNormalization({ name: "twice" });
  let x = norm.apply(norm.apply(input)) as tf.SymbolicTensor;
  x = layers.batchNormalization({ name: "bare", scale: false, center: false }).apply(x) as tf.SymbolicTensor;
  x = layers.flatten().apply(x) as tf.SymbolicTensor;
  x = layers.gaussianNoise({ stddev: 0.1, name: "noise" }).apply(x) as tf.SymbolicTensor;
  const kernelConstraint = tf.constraints.nonNeg();
  x = layers.dense({ units: 3, name: "head", kernelConstraint }).apply(x) as tf.SymbolicTensor;
  const attempt = fit(tf.model({ inputs: input, outputs: x }), data, sgd);
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(
    /"twice".*called 2 times[^]*"bare".*nothing in it[^]*"noise".*no counterpart[^]*"head".*kernelConstraint/,
  );
});

test("the option trainable belongs to the layers", async () => {
  const { data } = await smallData();
  await expect(fit(smallModel(), data, { ...sgd, trainable: ["*"] } as never)).rejects.toThrow(
    /trainable = false/,
  );
});

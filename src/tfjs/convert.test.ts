import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  convertedLogits,
  imagesFor,
  randomizeWeights,
  useCpuBackend,
  valuesOf,
} from "../../test/tfjs-model.ts";
import { UsageError } from "../tensor/index.ts";
import { UnsupportedLayerError } from "../keras/index.ts";
import { toClassifier } from "./to-classifier.ts";

beforeAll(useCpuBackend);

const { layers } = tf;
const image = { inputShape: [6, 5, 2] };

describe("what becomes of a model", () => {
  test("images come channels first; initializers have the weights' names, inner tensors the layers'", async () => {
    const model = tf.sequential({
      name: "tiny",
      layers: [
        layers.conv2d({ ...image, filters: 3, kernelSize: 2, activation: "relu", name: "conv" }),
        layers.flatten({ name: "flat" }),
        layers.dense({ units: 4, name: "head" }),
      ],
    });
    const { graph, input, logits, runningVariance } = await toClassifier(model);
    expect([graph.name, input, logits, runningVariance]).toEqual(["tiny", "images", "logits", "biased"]);
    expect(graph.inputs[0].shape).toEqual(["N", 2, 6, 5]);
    expect(graph.outputs[0].shape).toEqual(["N", 4]);
    expect([...graph.initializers.keys()]).toEqual(["conv/kernel", "conv/bias", "head/kernel", "head/bias"]);
    expect(graph.initializers.get("conv/kernel")!.shape).toEqual([3, 2, 2, 2]);
    const values = graph.nodes.flatMap(({ outputs }) => outputs);
    expect(values.filter((name) => ["conv", "flat"].includes(name))).toEqual(["conv", "flat"]);
  });

  test.each(["activation", "layer", "nested"])("a last softmax is left out: %s", async (where) => {
    const head = layers.dense({ units: 3, activation: where === "layer" ? "linear" : "softmax" });
    const parts = where === "layer" ? [head, layers.softmax()] : [head];
    const body = tf.sequential({ layers: [layers.flatten(image), ...parts] });
    const model = where === "nested" ? tf.sequential({ layers: [layers.inputLayer(image), body] }) : body;
    randomizeWeights(model);
    const images = imagesFor(model, 4);
    const logits = await convertedLogits(model, images);
    const probabilities = await valuesOf(model.predict(images) as tf.Tensor);
    expect(await valuesOf(tf.softmax(tf.tensor(logits, [4, 3])))).toBeAllClose(probabilities, { atol: 1e-6 });
    expect(logits.some((v) => v < 0)).toBe(true);
  });

  test("a layer that is called twice keeps one weight", async () => {
    const input = tf.input({ shape: image.inputShape });
    const shared = layers.conv2d({ filters: 2, kernelSize: 3, padding: "same", name: "twice" });
    const x = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    const outputs = layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs });
    randomizeWeights(model);
    const images = imagesFor(model, 2);
    const { graph } = await toClassifier(model);
    expect([...graph.initializers.keys()]).toEqual(["twice/kernel", "twice/bias"]);
    const expected = await valuesOf(model.predict(images) as tf.Tensor);
    expect(await convertedLogits(model, images)).toBeAllClose(expected, { atol: 1e-6 });
  });

  test("weights of one name in nested models stay apart", async () => {
    const nested = () =>
      tf.sequential({ layers: [layers.conv2d({ ...image, filters: 2, kernelSize: 1, name: "same" })] });
    const model = tf.sequential({
      layers: [layers.inputLayer(image), nested(), nested(), layers.globalMaxPooling2d({})],
    });
    randomizeWeights(model);
    const images = imagesFor(model, 2);
    const { graph } = await toClassifier(model);
    expect([...graph.initializers.keys()]).toEqual([
      "same/kernel",
      "same/bias",
      "same/kernel_1",
      "same/bias_1",
    ]);
    const expected = await valuesOf(model.predict(images) as tf.Tensor);
    expect(await convertedLogits(model, images)).toBeAllClose(expected, { atol: 1e-6 });
  });
});

describe("what is refused", () => {
  test("layers without a counterpart, all at once", async () => {
    const model = tf.sequential({
      layers: [
        layers.depthwiseConv2d({ ...image, kernelSize: 2, dilationRate: 2, name: "dilated" }),
        layers.conv2d({
          filters: 2,
          kernelSize: 2,
          dataFormat: "channelsFirst",
          padding: "same",
          name: "first",
        }),
        layers.conv2dTranspose({ filters: 2, kernelSize: 2, name: "transposed" }),
        layers.batchNormalization({ axis: 1, name: "rows" }),
        layers.layerNormalization({ axis: [1, 2], name: "places" }),
        layers.dropout({ rate: 0.5, noiseShape: [1, 1, 1, 2], name: "noisy" }),
        layers.upSampling2d({ interpolation: "bilinear", name: "smooth" }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    });
    const error: unknown = await toClassifier(model).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnsupportedLayerError);
    const { problems, message } = error as UnsupportedLayerError;
    expect(problems.map(({ layer }) => layer)).toEqual([
      "dilated",
      "first",
      "transposed",
      "rows",
      "places",
      "noisy",
      "smooth",
    ]);
    expect(problems[2]).toEqual({
      layer: "transposed",
      className: "Conv2DTranspose",
      problem: "this kind of layer is not supported.",
    });
    expect(message).toMatch(/"rows" \(BatchNormalization\): .*Leave axis out[^]*Supported layers: .*Conv2D/);
  });

  test("a model of bytes, until a layer in front of it makes bytes", async () => {
    const model = tf.sequential({
      layers: [
        layers.rescaling({ ...image, scale: 1 / 127.5, offset: -1, name: "bytes" }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    });
    await expect(toClassifier(model)).rejects.toThrow(
      /"bytes" \(Rescaling\): it expects pixels from 0 to 255/,
    );
    const behind = tf.sequential({ layers: [layers.rescaling({ ...image, scale: 255 }), model] });
    const images = imagesFor(behind, 2);
    const expected = await valuesOf(behind.predict(images) as tf.Tensor);
    expect(await convertedLogits(behind, images)).toBeAllClose(expected, { atol: 1e-5 });
  });

  test("inputs of different ranks", async () => {
    const input = tf.input({ shape: image.inputShape });
    const pooled = layers.globalMaxPooling2d({}).apply(input) as tf.SymbolicTensor;
    const gated = layers.multiply({ name: "gate" }).apply([input, pooled]) as tf.SymbolicTensor;
    const outputs = layers.flatten().apply(gated) as tf.SymbolicTensor;
    await expect(toClassifier(tf.model({ inputs: input, outputs }))).rejects.toThrow(
      /"gate" \(Multiply\): its inputs have different numbers of axes/,
    );
  });

  const on =
    (shape: (number | null)[], ...outputs: ((x: tf.SymbolicTensor) => unknown)[]) =>
    (): tf.LayersModel => {
      const inputs = tf.input({ shape });
      return tf.model({ inputs, outputs: outputs.map((output) => output(inputs) as tf.SymbolicTensor) });
    };
  const pool = (x: tf.SymbolicTensor) => layers.globalMaxPooling2d({}).apply(x);
  const dense = (activation: "sigmoid" | "linear") => (x: tf.SymbolicTensor) =>
    layers.dense({ units: 2, activation }).apply(x.shape.length > 2 ? pool(x) : x);
  const models: [string, () => tf.LayersModel, RegExp][] = [
    ["a last sigmoid", on([4, 4, 1], dense("sigmoid")), /ends in a sigmoid/],
    ["two outputs", on([4, 4, 1], pool, dense("linear")), /one input and one output/],
    ["vectors as images", on([7], dense("linear")), /takes \[7\]/],
    ["images of any size", on([null, null, 3], pool), /takes \[\?, \?, 3\]/],
    ["images as outputs", on([4, 4, 1], (x) => layers.reLU().apply(x)), /gives \[N, 1,4,4\]/],
    ["an unbuilt model", () => tf.sequential(), /is not built/],
  ];
  test.each(models)("%s", async (_, model, message) => {
    const attempt = toClassifier(model());
    await expect(attempt).rejects.toThrow(UsageError);
    await expect(attempt).rejects.toThrow(message);
  });
});

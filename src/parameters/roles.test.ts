import { expect, test } from "vitest";
import { readNet } from "../../test/objective-case.ts";
import { buildClassifier, lenet } from "../models/index.ts";
import type { GraphBuilder } from "../onnx/index.ts";
import { float32, int64 } from "../tensor/index.ts";
import { bufferNames, trainableNames } from "./index.ts";

const ones = (g: GraphBuilder, name: string, shape: number[]) =>
  g.initializer(name, float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)));

test("LeNet's layers train; the constants that it normalises by do not", () => {
  const { graph } = lenet({ mean: [0.1307], std: [0.3081] });
  const layers = ["conv1", "conv2", "fc1", "fc2", "fc3"];
  expect(trainableNames(graph)).toEqual(layers.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]));
  expect(graph.initializers.size).toBeGreaterThan(trainableNames(graph).length);
  expect(bufferNames(graph)).toEqual([]);
});

test("BatchNormalization's scale and bias train; its running statistics are buffers", () => {
  const { graph } = readNet("nets/batchnorm-cnn").classifier;
  const statistics = [...graph.initializers.keys()].filter((name) => name.includes("running"));
  expect(statistics.length).toBeGreaterThan(4);
  expect(bufferNames(graph).sort()).toEqual(statistics.sort());
  expect(trainableNames(graph)).toEqual(
    [...graph.initializers.keys()].filter((name) => !name.includes("running")),
  );
});

test("weights are found behind Transpose, Identity and Reshape, and a bias that is added on its own", () => {
  const { graph } = buildClassifier("linear", [1, 2, 3], (g, images) => {
    const flat = g.reshape(images, [1, 6]);
    const hidden = g.matMul(flat, g.op1("Identity", [g.transpose(ones(g, "first", [4, 6]), [1, 0])]));
    const shifted = g.add(hidden, ones(g, "bias", [4]));
    const weight = g.op1("Reshape", [
      ones(g, "second", [12]),
      g.initializer("shape", int64([4, 3]), { constant: true }),
    ]);
    return g.mul(g.matMul(shifted, weight), ones(g, "temperature", [1]));
  });
  expect(trainableNames(graph)).toEqual(["first", "bias", "second", "temperature"]);
});

test("activations that reach a product by way of Reshape are not taken for weights", () => {
  const { graph } = buildClassifier("two layers", [1, 1, 4], (g, images) => {
    const shifted = g.add(images, ones(g, "offset", [4]));
    return g.matMul(g.reshape(shifted, [1, 4]), ones(g, "weight", [4, 2]));
  });
  expect(trainableNames(graph)).toEqual(["weight"]);
});

import { describe, expect, test } from "vitest";
import { pytorchCase } from "../../test/pytorch-case.ts";
import { loadClassifier } from "../api/index.ts";
import { buildClassifier, lenet } from "../models/index.ts";
import { type GraphBuilder, type Value, freeBatch, upgradeGraph } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { isRowIndependent } from "./row-independence.ts";
import { frozenStatistics } from "../parameters/index.ts";

const filled = (shape: number[], value = 0.5) =>
  float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value));

const isIndependent = (body: (g: GraphBuilder, images: Value) => Value) =>
  isRowIndependent(upgradeGraph(buildClassifier("net", [2, 4, 4], body).graph), "images", [2, 4, 4]);

const head = (g: GraphBuilder, x: Value) =>
  g.matMul(g.op1("Flatten", [x], { axis: 1 }), g.initializer("head", filled([x.shape[1] * 16, 3])));

describe("a net's rows are independent", () => {
  test("for LeNet, normalisation included", () => {
    expect(isRowIndependent(upgradeGraph(lenet().graph), "images", [1, 28, 28])).toBe(true);
  });

  test("with residual sums and per-channel constants", () => {
    expect(isIndependent((g, x) => head(g, g.add(x, g.mul(x, g.constant(filled([2, 1, 1]))))))).toBe(true);
  });

  const statistics = (g: GraphBuilder) =>
    ["scale", "bias", "mean", "var"].map((name) => g.initializer(name, filled([2])));

  test.each<[string, (g: GraphBuilder, images: Value) => Value]>([
    ["BatchNormalization", (g, x) => head(g, g.op1("BatchNormalization", [x, ...statistics(g)]))],
    ["Dropout", (g, x) => head(g, g.op1("Dropout", [x, g.scalar(0.5)]))],
    ["Softmax over the batch", (g, x) => g.op1("Softmax", [head(g, x)], { axis: 0 })],
    ["a mean over the batch", (g, x) => g.sub(head(g, x), g.mean(head2(g, x), [0], { keep: true }))],
    ["a product of two activations", (g, x) => g.matMul(head(g, x), g.transpose(head2(g, x), [1, 0]))],
    ["Flatten of all axes", (g, x) => g.op1("Flatten", [x], { axis: 0 })],
  ])("but not with %s", (_, body) => {
    expect(isIndependent(body)).toBe(false);
  });
});

const head2 = (g: GraphBuilder, x: Value) =>
  g.matMul(g.op1("Flatten", [x], { axis: 1 }), g.initializer("head2", filled([32, 3])));

describe("PyTorch's exports:", () => {
  const graphOf = async (name: string) => {
    const { graph } = await loadClassifier(pytorchCase(name).model);
    return freeBatch(upgradeGraph(graph), "images", [3, 32, 32]);
  };

  test.each([
    "lenet-folded-opset11-dynamic",
    "lenet-training-opset12-batch1",
    "inception-training-opset11-dynamic",
    "squeeze-excitation-training-opset16-dynamic",
    "resnet18-folded-opset13-batch4",
  ])("%s goes forward once", async (name) => {
    expect(isRowIndependent(await graphOf(name), "images", [3, 32, 32])).toBe(true);
  });

  test("attention, which moves the rows to another axis, does not", async () => {
    const graph = await graphOf("vision-transformer-training-opset17-dynamic");
    expect(isRowIndependent(graph, "images", [3, 32, 32])).toBe(false);
  });

  test("batch statistics do not, unless they are frozen", async () => {
    const graph = await graphOf("resnet18-training-opset17-dynamic");
    expect(isRowIndependent(graph, "images", [3, 32, 32])).toBe(false);
    const frozen = frozenStatistics(graph, ["linear.weight"]);
    expect(isRowIndependent(graph, "images", [3, 32, 32], frozen)).toBe(true);
  });
});

import { describe, expect, test } from "vitest";
import { pytorchCase } from "../../test/pytorch-case.ts";
import { loadClassifier } from "../api/index.ts";
import { buildClassifier, lenet } from "../models/index.ts";
import { type GraphBuilder, type Value, freeBatch, upgradeGraph } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { isRowIndependent, rowsIn } from "./row-independence.ts";
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

describe("images that are not the first axis", () => {
  const rowsOf = (body: (g: GraphBuilder, images: Value) => Value) => {
    const graph = upgradeGraph(buildClassifier("net", [2, 4, 4], body).graph);
    const { mixing, turned } = rowsIn(graph, "images", [2, 4, 4], new Set());
    return { mixing: mixing.size, turned: turned.size };
  };
  const heads = (g: GraphBuilder, x: Value) => g.op1("Reshape", [x, g.ints([-1, 2, 4, 4])]);

  test("are apart where attention turns them to front and back, or lays them out as several rows", () => {
    const turned = rowsOf((g, x) => {
      const front = g.transpose(heads(g, x), [1, 0, 2, 3]);
      const first = g.gather(front, g.constant({ dtype: "int64", shape: [], data: BigInt64Array.of(0n) }), 0);
      const scores = g.op1("Softmax", [g.matMul(front, g.transpose(front, [0, 1, 3, 2]))], { axis: -1 });
      return head(
        g,
        g.add(g.transpose(g.matMul(scores, front), [1, 0, 2, 3]), g.op1("Unsqueeze", [first, g.ints([1])])),
      );
    });
    expect(turned.mixing).toBe(0);
    expect(turned.turned).toBeGreaterThan(3);
    const merged = rowsOf((g, x) => {
      const rows = g.op1("Reshape", [x, g.ints([-1, 4, 4])]);
      return head(
        g,
        heads(g, g.op1("Softmax", [g.matMul(rows, g.transpose(rows, [0, 2, 1]))], { axis: -1 })),
      );
    });
    expect(merged.mixing).toBe(0);
    expect(merged.turned).toBeGreaterThan(2);
  });

  test.each<[string, (g: GraphBuilder, images: Value) => Value]>([
    [
      "a sum over them",
      (g, x) =>
        g.add(
          head(g, x),
          g.sum(g.transpose(g.op1("Flatten", [x], { axis: 1 }), [1, 0]), [0, 1], { keep: true }),
        ),
    ],
    [
      "softmax over them",
      (g, x) =>
        head(g, g.transpose(g.op1("Softmax", [g.transpose(x, [1, 0, 2, 3])], { axis: 1 }), [1, 0, 2, 3])),
    ],
    [
      "a product with them",
      (g, x) => {
        const rows = g.transpose(x, [1, 2, 0, 3]);
        return head(
          g,
          g.transpose(g.matMul(g.matMul(rows, g.transpose(rows, [0, 1, 3, 2])), rows), [2, 0, 1, 3]),
        );
      },
    ],
  ])("mix by %s", (_, body) => {
    expect(rowsOf(body).mixing).toBeGreaterThan(0);
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

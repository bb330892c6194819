import { describe, expect, test } from "vitest";
import { planOf, readNet, runStep } from "../../test/objective-case.ts";
import { buildClassifier, lenet } from "../models/index.ts";
import { type GraphBuilder, type Value, upgradeGraph } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { isRowIndependent } from "./reuse-selection.ts";
import { buildStepGraph } from "./step-graph.ts";

const filled = (shape: number[], value = 0.5) =>
  float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value));

const isIndependent = (body: (g: GraphBuilder, images: Value) => Value) =>
  isRowIndependent(upgradeGraph(buildClassifier("net", [2, 4, 4], body).graph), "images");

const head = (g: GraphBuilder, x: Value) =>
  g.matMul(g.op1("Flatten", [x], { axis: 1 }), g.initializer("head", filled([x.shape[1] * 16, 3])));

describe("a net's rows are independent", () => {
  test("for LeNet, normalisation included", () => {
    expect(isRowIndependent(upgradeGraph(lenet().graph), "images")).toBe(true);
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

test("the reused step has fewer nodes and the same gradients as one that goes forward twice", async () => {
  const { classifier, stored } = readNet("objective/worst-case-lenet");
  const plan = planOf(classifier);
  // Dropout of ratio 0 changes nothing, but is no row-independent operator.
  const { graph } = classifier;
  const [first, ...rest] = graph.nodes;
  const blocked = {
    ...classifier,
    graph: {
      ...graph,
      initializers: new Map([...graph.initializers, ["ratio", float32([], [0])] as const]),
      nodes: [
        { opType: "Dropout", domain: "", name: "", inputs: ["x", "ratio"], outputs: ["x0"], attributes: {} },
        { ...first, inputs: ["x0", ...first.inputs.slice(1)] },
        ...rest,
      ],
    },
  };
  const twice = planOf(blocked);
  const convolutions = (p: typeof plan) =>
    buildStepGraph(p, 8).graph.nodes.filter((node) => node.name.endsWith("Conv_conv1")).length;
  expect([convolutions(plan), convolutions(twice)]).toEqual([1, 2]);

  const feed = { images: stored("input:views"), labels: stored("labels") };
  const [reused, again] = await Promise.all([runStep(plan, feed), runStep(twice, feed)]);
  expect([reused.measures.loss]).toBeAllClose([again.measures.loss], { rtol: 1e-6 });
  for (const [name, { data }] of reused.parameters) {
    const expected = again.parameters.get(name)!.data as Float32Array;
    expect(data as Float32Array, name).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-6 });
  }
});

import { describe, expect, test } from "vitest";
import { buildClassifier, lenet, resnet18 } from "../models/index.ts";
import { opsetOf, readModel } from "../onnx/index.ts";
import { float32, random } from "../tensor/index.ts";
import { exportStep } from "./export-step.ts";

const arraysOf = (step: ReturnType<typeof exportStep>) =>
  Object.fromEntries(Object.entries(step.state).map(([name, { data }]) => [name, data as Float32Array]));

describe("exportStep", () => {
  test("names in its file all that a step is fed and hands on", () => {
    const step = exportStep(resnet18({ width: 4 }), { batchSize: 3 });
    const { graph } = readModel(step.model, "step");
    const fed = ["images", "labels", ...Object.keys(step.state), ...Object.keys(step.feedsAt(0))];
    expect(fed.sort()).toEqual(graph.inputs.map(({ name }) => name).sort());
    const outputs = graph.outputs.map(({ name }) => name);
    expect(Object.keys(step.next)).toEqual(Object.keys(step.state));
    expect(outputs).toEqual(expect.arrayContaining([...Object.values(step.next), "loss"]));
    expect(graph.inputs.find(({ name }) => name === "images")!.shape).toEqual(step.images);
    expect(step.images).toEqual([15, 3, 32, 32]);
    expect(opsetOf(graph)).toBeGreaterThanOrEqual(18);
  });

  test.each(["wasm", "webgpu"] as const)(
    "%s: a state becomes the classifier that has its weights",
    (provider) => {
      const model = lenet();
      const step = exportStep(model, { method: "base", provider });
      const arrays = arraysOf(step);
      expect(step.trained(arrays).graph).toEqual(model.graph);
      const [slot] = Object.keys(arrays);
      const moved = step.trained({ ...arrays, [slot]: arrays[slot].map((value) => value + 1) });
      const before = model.graph.initializers.get("conv1.weight")!.data as Float32Array;
      expect(moved.graph.initializers.get("conv1.weight")!.data).toEqual(before.map((value) => value + 1));
      expect(() => step.trained({})).toThrow(
        'The state has no "slot:0". Give an array for each of the step\'s state.',
      );
    },
  );

  test("for WebGPU there is no BatchNormalization in training mode, which that provider does not have", () => {
    const modes = (provider: "wasm" | "webgpu") =>
      readModel(exportStep(resnet18({ width: 4 }), { batchSize: 2, provider }).model, "step")
        .graph.nodes.filter(({ opType }) => opType === "BatchNormalization")
        .map(({ attributes }) => attributes.training_mode ?? 0);
    expect(modes("wasm")).toContain(1);
    expect(modes("webgpu")).not.toContain(1);
  });

  test("feeds the rates of the options, or those of the step", () => {
    const step = exportStep(lenet(), { optimizer: "sgd", learningRate: 0.5, alignmentWeight: 2 });
    const numbers = (feeds: ReturnType<typeof step.feedsAt>) =>
      Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data[0]]));
    expect(numbers(step.feedsAt(0))).toMatchObject({ "scalar:learningRate": 0.5, alignmentWeight: 2 });
    expect(numbers(step.feedsAt(7, { learningRate: 0.25, alignmentWeight: 0 }))).toMatchObject({
      "scalar:learningRate": 0.25,
      alignmentWeight: 0,
    });
  });

  test("says what it does not do, and what to do about it", () => {
    expect(() => exportStep(lenet(), { regularizer: "wasserstein" })).toThrow(
      /^Regularizer "wasserstein" trains a critic .* Use "squaredL2"/,
    );
    expect(() => exportStep(lenet(), { provider: "webgl" as "wasm" })).toThrow(
      'Unknown provider "webgl". Choose one of: wasm, webgpu.',
    );
    const rng = random(0, "weight");
    const square = buildClassifier("square", [1, 4, 4], (g, images) => {
      const weight = Float32Array.from({ length: 32 }, () => rng.normal());
      return g.matMul(g.op1("Flatten", [images], { axis: 1 }), g.initializer("w", float32([16, 2], weight)));
    });
    const inputs = square.graph.inputs.map((input) => ({ ...input, shape: ["N", 1, "H", "W"] }));
    expect(() => exportStep({ ...square, graph: { ...square.graph, inputs } })).toThrow(
      'The model "square" does not say how large its images are: its input "images" is [N, 1, H, W]. Give shape, [C, H, W].',
    );
  });
});

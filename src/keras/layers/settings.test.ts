import { expect, test } from "vitest";
import { GraphBuilder, ModelError } from "../../onnx/index.ts";
import { ShapeError } from "../../tensor/index.ts";
import { buildModel } from "../build-model.ts";
import { conversionProblems } from "../layer-problems.ts";
import type { LayerCall } from "../model-layer.ts";
import { lengths, number, numbers, oneOrMore, text } from "./converter.ts";
import { layerConverters } from "./index.ts";

test("a setting of another kind than the layer has is named", () => {
  const config = {
    strides: 2,
    dilationRate: [1, "x"],
    padding: ["same"],
    axis: [-1],
    rate: null,
    targetShape: [2, 0.5],
  };
  expect(() => numbers(config, "strides")).toThrow(/its strides must be a list of numbers, not 2/);
  expect(() => numbers(config, "dilationRate")).toThrow(ModelError);
  expect(() => numbers({ strides: [1, 1] }, "strides", 3)).toThrow(/a list of 3 numbers/);
  expect(() => text(config, "padding")).toThrow(/its padding must be a word/);
  expect(() => number(config, "rate")).toThrow(/its rate must be a number, not null/);
  expect(() => lengths(config, "targetShape")).toThrow(/a list of lengths/);
  expect(() => number({}, "epsilon")).toThrow(/its epsilon must be a number/);
  expect(oneOrMore(config, "axis")).toEqual([-1]);
  expect(oneOrMore({ size: 2 }, "size")).toEqual([2]);
});

test.each([
  ["BatchNormalization", {}, [[null, 4, 4, 2]], /its axis must be a number/],
  ["BatchNormalization", { axis: -1 }, [], /without an input/],
  ["Conv2D", { padding: 1, activation: "linear" }, [[null, 4, 4, 2]], /its padding must be a word/],
])(
  "%s with settings or inputs that it cannot have is a problem of the layer: %#",
  (className, config, shapes, problem) => {
    const call = { layer: { className, config } } as unknown as LayerCall;
    expect(conversionProblems(call, shapes, "keras").join()).toMatch(problem);
  },
);

test("a layer's groups divide its channels, and lengths are whole numbers", () => {
  const g = new GraphBuilder();
  const context = { g, config: { groups: 3, epsilon: 1e-3, axis: -1 }, name: "n", weight: () => null };
  const { convert } = layerConverters.get("GroupNormalization")!;
  expect(() => convert(context as never, [g.input("x", "float32", [2, 4, 3, 3])])).toThrow(
    /4 channels .* 3 groups/,
  );
  expect(() => g.ints([1, Infinity])).toThrow(ShapeError);
});

test.each([
  ["ZeroPadding2D", "padding", undefined],
  ["ZeroPadding2D", "padding", [[1, 1], "x"]],
  ["Cropping2D", "cropping", [[1], [1]]],
  ["Cropping2D", "cropping", [1, 1, 1]],
])("%s names its %s where that is %j", (className, key, value) => {
  const g = new GraphBuilder();
  const context = { g, config: { [key]: value }, name: "n", weight: () => null };
  const { convert } = layerConverters.get(className)!;
  expect(() => convert(context as never, [g.input("x", "float32", [2, 4, 3, 3])])).toThrow(
    new RegExp(`its ${key} must be a list of 2 numbers`),
  );
});

test("a model whose output no layer makes is named", () => {
  const model = { name: "net", imageShape: [4, 4, 3] as const, calls: [], output: 3 };
  expect(() => buildModel(model, { dialect: "keras" })).toThrow(/No layer of the model net makes its output/);
});

import { expect, test } from "vitest";
import {
  type GraphNode,
  GraphBuilder,
  InvalidModelError,
  expandedOperators,
  float,
  inferredOperators,
} from "../index.ts";
import { checkNode } from "./index.ts";
import { schemas } from "./schema.ts";

const node = (opType: string, parts: Partial<GraphNode> = {}): GraphNode => ({
  opType,
  domain: "",
  name: "n",
  inputs: ["x", "w"],
  outputs: ["y"],
  attributes: {},
  ...parts,
});

test("nodes of their operators pass, in the forms of every opset", () => {
  for (const good of [
    node("Conv", { attributes: { strides: [1, 1], auto_pad: "SAME_UPPER" } }),
    node("Conv", { inputs: ["x", "w", ""] }),
    node("Clip", { inputs: ["x", "", "high"] }),
    node("Clip", { inputs: ["x"], attributes: { min: float(0), max: float(6) } }),
    node("Squeeze", { inputs: ["x"], attributes: { axes: [] } }),
    node("BatchNormalization", { inputs: ["x", "s", "b", "m", "v"], outputs: ["y", "a", "b", "c", "d"] }),
    node("Concat", { inputs: ["a", "b", "c", "d", "e"], attributes: { axis: 1 } }),
    node("Split", { inputs: ["x"], outputs: ["a", "", "b"], attributes: { num_outputs: 3 } }),
    node("Dropout", { inputs: ["x"], outputs: ["y", "mask"], attributes: { ratio: float(0.5) } }),
    node("NobodyKnowsThis", { inputs: [] }),
    node("Conv", { domain: "of.another", inputs: [] }),
  ]) {
    expect(() => checkNode(good), good.opType).not.toThrow();
  }
});

test.each([
  [node("Conv", { inputs: ["x"] }), /Conv node "n" has 1 inputs; it needs 2 to 3/],
  [node("Conv", { inputs: [] }), /has 0 inputs/],
  [node("Relu"), /has 2 inputs; it needs 1/],
  [node("Concat", { inputs: [] }), /has 0 inputs; it needs 1 or more/],
  [node("MatMul", { inputs: ["", "w"] }), /lacks its input 0/],
  [node("Relu", { inputs: ["x"], outputs: [] }), /has 0 outputs/],
  [node("Relu", { inputs: ["x"], outputs: ["a", "b"] }), /has 2 outputs; it needs 1/],
  [node("Cast", { inputs: ["x"] }), /lacks its attribute "to"/],
  [
    node("Conv", { attributes: { strides: 2 } }),
    /Attribute "strides" of Conv node "n" is not a list of integers/,
  ],
  [node("Gemm", { attributes: { alpha: 1 } }), /"alpha" .* is not a float/],
  [node("Conv", { attributes: { group: float(1) } }), /"group" .* is not an integer/],
  [
    node("Split", { inputs: ["x"], outputs: ["a", "b"], attributes: { num_outputs: 1 } }),
    /2 outputs, .* has 1/,
  ],
])("a node that breaks its operator's rules is named: %#", (bad, message) => {
  expect(() => checkNode(bad)).toThrow(InvalidModelError);
  expect(() => checkNode(bad)).toThrow(message);
});

test("every operator that is known is checked by its schema", () => {
  const known = [...inferredOperators, ...expandedOperators].filter((name) => !name.includes("."));
  expect(
    known.filter((name) => !schemas.has(name)),
    "operators without a line in src/onnx/schemas/table.ts; tools/onnx_schemas.py says how it is written",
  ).toEqual([]);
});

test("operators called like members of all objects are unknown operators", () => {
  for (const opType of ["constructor", "toString", "__proto__", "hasOwnProperty"])
    expect(() => checkNode(node(opType))).not.toThrow();
});

test("a graph under construction takes no mixed types, no wrong ones and no inputs too many", () => {
  const g = new GraphBuilder();
  const [x, n] = [g.input("x", "float32", [2]), g.input("n", "int64", [2])];
  expect(() => g.op("Add", [x, n])).toThrow(/mixes element types: float32, int64/);
  expect(() => g.op("Concat", [n, x], { axis: 0 })).toThrow(/mixes element types: int64, float32/);
  expect(() => g.op("Sigmoid", [n])).toThrow(/takes .*float32.* as its input 0; "n" is int64/);
  expect(() => g.op("Reshape", [x, x])).toThrow(/takes int64 as its input 1/);
  expect(() => g.op("Relu", [x, x])).toThrow(/has 2 inputs; it takes 1 at most/);
  expect(() => g.op("Add", [null, x])).toThrow(/lacks its input 0/);
});

import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType,
  GraphProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { expect, test } from "vitest";
import { type Tensor, float32, int64, tensor } from "../tensor/index.ts";
import { resolveBranches } from "./branches.ts";
import { CURRENT_OPSET, type Graph, type GraphNode } from "./graph.ts";
import { modelOf, readModel, writeModel } from "./model-file.ts";
import { capturedNames, prunedGraph } from "./prune.ts";
import { tensorToProto } from "./tensor-proto.ts";

const node = (opType: string, inputs: string[], outputs: string[], attributes = {}): GraphNode => ({
  ...{ opType, domain: "", name: opType.toLowerCase(), inputs, outputs, attributes },
});

/** A branch that multiplies the outer x by a number of its own, or by the outer w. */
function branch(name: string, factor: Tensor | "w") {
  const own = factor === "w" ? "w" : "scale";
  const g = create(GraphProtoSchema, {
    name,
    node: [create(NodeProtoSchema, { opType: "Mul", name: "mul", input: ["x", own], output: ["made"] })],
    initializer: factor === "w" ? [] : [tensorToProto(factor, "scale")],
    output: [create(ValueInfoProtoSchema, { name: "made" })],
  });
  const attribute = create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
  return { opaque: toBinary(AttributeProtoSchema, attribute) };
}

/** x [N, 3] through an If that asks whether a row has so many numbers. */
const graphFor = (columns: number): Graph => ({
  name: "branching",
  inputs: [{ name: "x", dtype: "float32", shape: ["N", null] }],
  outputs: [{ name: "y", dtype: "float32", shape: null }],
  nodes: [
    node("Shape", ["x"], ["shape"]),
    node("Gather", ["shape", "one"], ["width"], { axis: 0 }),
    node("Equal", ["width", "columns"], ["is"]),
    node("If", ["is"], ["chosen"], {
      then_branch: branch("then_branch", float32([3], [1, 2, 3])),
      else_branch: branch("else_branch", "w"),
    }),
    node("Relu", ["chosen"], ["y"]),
  ],
  initializers: new Map<string, Tensor>([
    ["one", int64([1], [])],
    ["columns", int64([columns], [])],
    ["w", float32([], [2])],
  ]),
  opsets: new Map([["", CURRENT_OPSET]]),
});

test("the branch that the images' size decides takes the If's place, with what it holds", () => {
  const taken = resolveBranches(graphFor(3), "x", [3]);
  const mul = taken.nodes.find(({ opType }) => opType === "Mul")!;
  expect(taken.nodes.map(({ opType }) => opType)).not.toContain("If");
  expect(mul).toMatchObject({ name: "if/mul", inputs: ["x", "if/scale"], outputs: ["chosen"] });
  expect(taken.initializers.get("if/scale")).toEqual(float32([3], [1, 2, 3]));

  const other = resolveBranches(graphFor(4), "x", [3]);
  expect(other.nodes.find(({ opType }) => opType === "Mul")).toMatchObject({ inputs: ["x", "w"] });
});

test("an If that the images themselves decide stays, and what its branches read is kept", () => {
  const graph = graphFor(3);
  const byData: Graph = {
    ...graph,
    nodes: [
      node("ReduceMax", ["x"], ["most"], { keepdims: 0 }),
      node("Greater", ["most", "w"], ["is"]),
      ...graph.nodes.slice(3),
    ],
  };
  expect(resolveBranches(byData, "x", [3])).toEqual(byData);
  expect(capturedNames(byData.nodes[2])).toEqual(expect.arrayContaining(["x", "w"]));
  expect([...prunedGraph(byData, ["chosen"]).initializers.keys()]).toEqual(["w"]);
  const constant = {
    ...byData,
    initializers: new Map<string, Tensor>([...graph.initializers, ["is", tensor("bool", [])]]),
  };
  const decided = resolveBranches({ ...constant, nodes: graph.nodes.slice(3) }, "x", [3]);
  expect(decided.nodes.map(({ opType }) => opType)).toEqual(["Mul", "Relu"]);
});

test("branches survive reading and writing", () => {
  const { graph } = readModel(writeModel(modelOf(graphFor(3))));
  expect(resolveBranches(graph, "x", [3]).nodes).toEqual(resolveBranches(graphFor(3), "x", [3]).nodes);
});

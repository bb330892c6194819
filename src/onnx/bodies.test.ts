import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType,
  GraphProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { createSession } from "../runtime/index.ts";
import { float32 } from "../tensor/index.ts";
import { namesInBodies } from "./bodies.ts";
import { CURRENT_OPSET, type Graph, type GraphNode } from "./graph.ts";
import { modelOf, writeModel } from "./model-file.ts";
import { writeNode } from "./node-proto.ts";
import { upgradeGraph } from "./upgrade.ts";

const node = (opType: string, inputs: string[], outputs: string[], attributes = {}): GraphNode => ({
  ...{ opType, domain: "", name: "", inputs, outputs, attributes },
});

function branch(name: string, nodes: readonly GraphNode[], output: string) {
  const g = create(GraphProtoSchema, {
    name,
    node: nodes.map(writeNode),
    output: [create(ValueInfoProtoSchema, { name: output })],
  });
  const attribute = create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
  return { opaque: toBinary(AttributeProtoSchema, attribute) };
}

/** Operators in the forms of opset 11, in the branches of an If that stands in a branch of an If. */
const inner = node("If", ["is"], ["inner"], {
  then_branch: branch("then_branch", [node("Softmax", ["x"], ["upgraded_1"])], "upgraded_1"),
  else_branch: branch("else_branch", [node("Clip", ["x", "low"], ["clipped"])], "clipped"),
});
const graph: Graph = {
  name: "old branches",
  inputs: [{ name: "x", dtype: "float32", shape: [2, 3, 2] }],
  outputs: [{ name: "y", dtype: "float32", shape: null }],
  nodes: [
    node("ReduceMax", ["x"], ["most"], { keepdims: 0 }),
    node("Greater", ["most", "low"], ["is"]),
    node("If", ["is"], ["y"], {
      then_branch: branch(
        "then_branch",
        [
          inner,
          node("ReduceSum", ["inner"], ["sum"], { axes: [1], keepdims: 0 }),
          node("Unsqueeze", ["sum"], ["column"], { axes: [1] }),
        ],
        "column",
      ),
      else_branch: branch("else_branch", [node("Unsqueeze", ["low"], ["none"], { axes: [0] })], "none"),
    }),
  ],
  initializers: new Map([["low", float32([], [-5])]]),
  opsets: new Map([["", 11]]),
};

describe("bodies", () => {
  test("are upgraded with the graph around them, and compute what they did", async () => {
    const x = float32([2, 3, 2], [1, 2, 3, -4, 5, 6, 0.5, 0, 0.25, -1, 2, 2]);
    const [old, current] = await Promise.all(
      [graph, upgradeGraph(graph)].map(async (form) => {
        const session = await createSession(writeModel(modelOf(form)), { threads: 1 });
        const { y } = await session.run({ x });
        await session.release();
        return y;
      }),
    );
    expect(current.shape).toEqual([2, 1, 2]);
    expect(current.data).toBeAllClose(old.data as Float32Array, { rtol: 1e-6 });
  });

  test("are left alone at the current opset", () => {
    const current = { ...graph, opsets: new Map([["", CURRENT_OPSET]]) };
    expect(upgradeGraph(current).nodes).toBe(current.nodes);
  });

  test("name values of their own, which stay theirs", () => {
    expect(namesInBodies(graph.nodes[2])).toEqual([
      "inner",
      "upgraded_1",
      "clipped",
      "sum",
      "column",
      "none",
    ]);
    expect(namesInBodies(graph.nodes[0])).toEqual([]);
    const upgraded = upgradeGraph(graph);
    const names = namesInBodies(upgraded.nodes[2]);
    expect(names.filter((name) => name === "upgraded_1")).toHaveLength(1);
    expect(new Set(names).size).toBe(names.length);
    // What is constant in a branch is stored there.
    expect([...upgraded.initializers.keys()]).toEqual(["low"]);
  });
});

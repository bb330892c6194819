import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType,
  GraphProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { expect, test } from "vitest";
import type { Graph } from "../onnx/index.ts";
import { gradientRules } from "../autodiff/index.ts";
import { dependingOn, gradientInputs, passesGradient, reaching } from "./reach.ts";

const node = (opType: string, attributes = {}) => ({
  opType,
  domain: "",
  name: "",
  inputs: [],
  outputs: [],
  attributes,
});

test("every operator whose gradient rule leaves inputs out says which a gradient takes, and no other", () => {
  const partial = [...gradientRules]
    .filter(([, { inputs }]) => inputs !== undefined && inputs !== "none")
    .map(([name]) => name);
  const sequences = ["SequenceAt", "SequenceErase", "SequenceInsert", "SplitToSequence"];
  // These have no rule of ours, but inputs that are no numbers of the network.
  const others = [
    ...["CastLike", "MaxUnpool", "RoiAlign", "Upsample", "Attention", "RotaryEmbedding"],
    ...sequences,
  ];
  expect(Object.keys(gradientInputs).sort()).toEqual([...partial, ...others].sort());
});

test("as many inputs as the rule names", () => {
  for (const [name, { inputs }] of gradientRules) {
    if (inputs === undefined || inputs === "none") continue;
    expect(gradientInputs[name].length, name).toBe(inputs.split(",").length);
  }
});

test("shapes, indices, integers and steps take none", () => {
  expect(passesGradient(node("Reshape"), 0)).toBe(true);
  expect(passesGradient(node("Reshape"), 1)).toBe(false);
  expect(passesGradient(node("Where"), 0)).toBe(false);
  expect(passesGradient(node("Floor"), 0)).toBe(false);
  expect(passesGradient(node("Shape"), 0)).toBe(false);
  expect(passesGradient(node("Cast", { to: 7 }), 0)).toBe(false);
  expect(passesGradient(node("Cast", { to: 1 }), 0)).toBe(true);
  expect(passesGradient(node("constructor"), 3)).toBe(true);
});

test("what the branches of an If read counts as what the If reads", () => {
  const g = create(GraphProtoSchema, {
    node: [create(NodeProtoSchema, { opType: "Squeeze", input: ["x"], output: ["made"] })],
    output: [create(ValueInfoProtoSchema, { name: "made" })],
  });
  const branch = create(AttributeProtoSchema, { type: AttributeProto_AttributeType.GRAPH, g });
  const attributes = { then_branch: { opaque: toBinary(AttributeProtoSchema, branch) } };
  const graph: Graph = {
    ...{ name: "g", inputs: [], outputs: [], initializers: new Map(), opsets: new Map() },
    nodes: [{ ...node("If", attributes), inputs: ["is"], outputs: ["y"] }],
  };
  expect([...dependingOn(graph, "x")]).toEqual(["x", "y"]);
  expect(reaching(graph, ["y"], { byGradient: true })).toContain("x");
});

import { describe, expect, test } from "vitest";
import type { Graph, GraphNode } from "../onnx/index.ts";
import { type Tensor, float32, random, sizeOf } from "../tensor/index.ts";
import { exportNotes } from "./export-notes.ts";
import { computedTensors, foldedNormalization } from "./folding.ts";
import { tensorRoles, weightNames } from "./roles.ts";

const noise = (shape: readonly number[], seed: number): Tensor => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};

type Node = readonly [opType: string, inputs: readonly string[], output: string];

/** Images [N, 2, 4, 4] to `logits`; `signature` is what PyTorch's newer exporter lists. */
function graphOf(
  nodes: readonly Node[],
  initializers: Readonly<Record<string, Tensor>>,
  signature?: readonly string[],
): Graph {
  const lines = signature?.map((line) => `p: ${line.replace(" ", " target='")}'`).join("\n");
  return {
    name: "g",
    inputs: [{ name: "images", dtype: "float32", shape: [null, 2, 4, 4] }],
    outputs: [{ name: "logits", dtype: "float32", shape: [null, 3] }],
    nodes: nodes.map(([opType, inputs, output]): GraphNode => ({
      opType,
      domain: "",
      name: "",
      inputs: [...inputs],
      outputs: [output],
      attributes: {},
    })),
    initializers: new Map(Object.entries(initializers)),
    opsets: new Map([["", 20]]),
    ...(lines && { metadata: { "pkg.torch.export.ExportedProgram.graph_signature": lines } }),
  };
}

const convolution = { "conv.weight": noise([3, 2, 4, 4], 1), "conv.bias": noise([3], 2) };
const ownBias = ["PARAMETER conv.weight", "PARAMETER conv.bias"];
const norm = [
  "PARAMETER norm.weight",
  "PARAMETER norm.bias",
  "BUFFER norm.running_mean",
  "BUFFER norm.running_var",
];
const conv = (output: string, bias = "conv.bias"): Node => ["Conv", ["images", "conv.weight", bias], output];
const home = (input: string): Node => ["Flatten", [input], "logits"];

describe("BatchNormalization that the newer exporter folded", () => {
  test("into a layer that has a bias of its own: its statistics are gone, its output's name has stayed", () => {
    const graph = graphOf([conv("getitem"), home("getitem")], convolution, [...ownBias, ...norm]);
    expect(foldedNormalization(graph)).toEqual(["conv.weight"]);
  });

  test("into a layer without bias, which gets one named after its weight", () => {
    const { "conv.weight": weight, "conv.bias": bias } = convolution;
    const graph = graphOf([conv("getitem", "conv.weight_bias"), home("getitem")], {
      "conv.weight": weight,
      "conv.weight_bias": bias,
    });
    expect(foldedNormalization(graph)).toEqual(["conv.weight"]);
  });

  test("is not seen where a normalization is not called, or is still there", () => {
    const unused = graphOf([conv("conv2d"), home("conv2d")], convolution, [...ownBias, ...norm]);
    expect(foldedNormalization(unused)).toEqual([]);
    const statistics = { "norm.running_mean": noise([3], 3), "norm.running_var": noise([3], 4) };
    const kept = graphOf([conv("getitem"), home("getitem")], { ...convolution, ...statistics }, [
      ...ownBias,
      ...norm,
    ]);
    expect(foldedNormalization(kept)).toEqual([]);
  });
});

test("what the older exporter computed of a weight that the file has too cannot go home in silence", () => {
  const nodes: Node[] = [conv("a"), ["Mul", ["a", "onnx::Mul_9"], "b"], home("b")];
  const graph = graphOf(nodes, { ...convolution, "onnx::Mul_9": noise([3, 1, 1], 5) });
  expect(computedTensors(graph)).toEqual(["onnx::Mul_9"]);
  expect(computedTensors(graphOf([conv("a"), home("a")], convolution))).toEqual([]);
});

describe("a file that lists its parameters and holds them all", () => {
  const listed = [...ownBias, "BUFFER conv.u"];
  const u = noise([48, 3], 6);
  const nodes: Node[] = [conv("a"), ["Flatten", ["a"], "b"], ["MatMul", ["b", "clone"], "logits"]];

  test("has no others: a copy of a buffer stays, is named, and does not go home", () => {
    const graph = graphOf(nodes, { ...convolution, "conv.u": u, clone: u }, listed);
    expect(tensorRoles(graph).find(({ name }) => name === "clone")).toMatchObject({
      kind: "constant",
      why: "weight of MatMul, but none of the parameters that the file lists",
    });
    expect(exportNotes(graph).join()).toContain("clone");
    expect(exportNotes(graph).join()).not.toContain("computed of the module");
    expect(weightNames(graph)).not.toContain("clone");
    expect(computedTensors(graph)).toEqual([]);
  });

  test("which is no copy of a buffer may have been computed of a parameter", () => {
    const graph = graphOf(nodes, { ...convolution, clone: u }, ownBias);
    expect(computedTensors(graph)).toEqual(["clone"]);
    expect(exportNotes(graph).join()).toMatch(
      /computed of the module's parameters.*: clone\..*optimize=False/s,
    );
  });
});

test("a constant of the code is no weight in a file that names its parameters", () => {
  const nodes: Node[] = [
    conv("a"),
    ["Flatten", ["a"], "b"],
    ["MatMul", ["b", "/mlp/Constant_1_output_0"], "logits"],
  ];
  const constant = { "/mlp/Constant_1_output_0": noise([48, 3], 7) };
  expect(tensorRoles(graphOf(nodes, { ...convolution, ...constant })).at(-1)?.kind).toBe("constant");
  // Frozen TorchScript has no other weights than those.
  const nameless: Node[] = [
    ["Flatten", ["images"], "b"],
    ["MatMul", ["b", "/mlp/Constant_1_output_0"], "logits"],
  ];
  expect(tensorRoles(graphOf(nameless, constant)).at(-1)?.kind).toBe("parameter");
});

test("a parameter that leads to another output is not told of as lost", () => {
  const graph = graphOf([conv("a"), home("a")], convolution, [...ownBias, "PARAMETER other.weight"]);
  expect(exportNotes(graph).join()).toContain("other.weight");
  const held = new Set([...graph.initializers.keys(), "other.weight"]);
  expect(exportNotes(graph, { held })).toEqual([]);
});

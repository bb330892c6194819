import { describe, expect, test } from "vitest";
import type { Graph, GraphNode } from "../../onnx/index.ts";
import { type Tensor, float32, numbersOf, random, sizeOf } from "../../tensor/index.ts";
import { withOwnNames } from "./own-names.ts";

const noise = (shape: readonly number[], seed: number): Tensor => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};
const ones = (length: number) => float32([length], new Float32Array(length).fill(1));

interface Written {
  readonly inputs: readonly string[];
  readonly output: string;
  /** The call, as `linear(%x, %p_fc_weight)`. */
  readonly call?: string;
  readonly module?: string;
  readonly attributes?: GraphNode["attributes"];
}

const node = (opType: string, { inputs, output, call, module, attributes = {} }: Written): GraphNode => {
  const [, operator, given] = /^(\w+)(\(.*\))$/.exec(call ?? "") ?? [];
  return {
    opType,
    domain: "",
    name: "",
    inputs,
    outputs: [output],
    attributes,
    ...(call !== undefined && {
      metadata: {
        "pkg.torch.onnx.fx_node": `%${output} : [num_users=1] = call_function[target=torch.ops.aten.${operator}.default](args = ${given}, kwargs = {})`,
        "pkg.torch.onnx.name_scopes": `['', '${module ?? ""}', '${output}']`,
      },
    }),
  };
};

/** @param folded  by the name of a tensor, what the optimizer computed it from */
function graphOf(
  nodes: readonly GraphNode[],
  initializers: Readonly<Record<string, Tensor>>,
  parameters: readonly string[],
  folded: Readonly<Record<string, string>> = {},
): Graph {
  const lines = parameters.map((name) => `p_${name.replaceAll(".", "_")}: PARAMETER target='${name}'`);
  return {
    name: "g",
    inputs: [{ name: "images", dtype: "float32", shape: [null, 4] }],
    outputs: [{ name: nodes.at(-1)!.outputs[0], dtype: "float32", shape: null }],
    nodes,
    initializers: new Map(Object.entries(initializers)),
    opsets: new Map([["", 20]]),
    metadata: {
      "pkg.torch.export.ExportedProgram.graph_signature": ["# inputs", ...lines, "x: USER_INPUT"].join("\n"),
    },
    valueMetadata: new Map(
      Object.entries(folded).map(([name, from]) => [name, { "pkg.onnxscript.optimizer.folded_from": from }]),
    ),
  };
}

const norm = (input: string, name: string, held: string, output: string) =>
  node("LayerNormalization", {
    inputs: [input, `${held}.weight`, `${held}.bias`],
    output,
    call: `layer_norm(%${input}, [4], %p_${name}_weight, %p_${name}_bias, 1e-05, False)`,
  });

describe("tensors that the exporter merged as they were equal", () => {
  const names = ["a.weight", "a.bias", "b.weight", "b.bias"];
  const held = { "a.weight": ones(4), "a.bias": float32([4]) };

  test("are each layer's own again, and once is enough", () => {
    const graph = graphOf([norm("images", "a", "a", "y"), norm("y", "b", "a", "z")], held, names);
    const own = withOwnNames(graph);
    expect(own.nodes[1].inputs).toEqual(["y", "b.weight", "b.bias"]);
    expect([...own.initializers.keys()]).toEqual(["a.weight", "b.weight", "a.bias", "b.bias"]);
    expect(withOwnNames(own)).toBe(own);
  });

  test("stay one where the module uses it twice", () => {
    const graph = graphOf([norm("images", "a", "a", "y"), norm("y", "a", "a", "z")], held, names);
    expect(withOwnNames(graph)).toBe(graph);
  });

  test("are not kept for a constant of the code", () => {
    const scaled = node("Mul", { inputs: ["y", "a.weight"], output: "z", call: "mul(%y, 2.0)" });
    const own = withOwnNames(graphOf([norm("images", "a", "a", "y"), scaled], held, names));
    expect(own.nodes[1].inputs).toEqual(["y", "const_0"]);
    expect([...own.initializers.keys()]).toEqual(["a.weight", "a.bias", "const_0"]);
  });
});

describe("a weight that the exporter transposed", () => {
  const linear = (input: string, held: string, output: string, name = "fc") =>
    node("MatMul", { inputs: [input, held], output, call: `linear(%${input}, %p_${name}_weight, None)` });
  const weight = noise([4, 3], 1);
  const folded = { val_6: "['fc.weight']", val_7: "['fc.weight']" };

  test("is held as the module holds it; the product takes what it took", () => {
    const own = withOwnNames(
      graphOf([linear("images", "val_6", "y")], { val_6: weight }, ["fc.weight"], folded),
    );
    expect(own.initializers.get("fc.weight")!.shape).toEqual([3, 4]);
    const values = numbersOf(own.initializers.get("fc.weight")!);
    expect(values.slice(0, 4)).toEqual([0, 1, 2, 3].map((row) => weight.data[row * 3]));
    expect([...own.initializers.keys()]).toEqual(["fc.weight"]);
    expect(own.nodes.map(({ opType }) => opType)).toEqual(["Transpose", "MatMul"]);
    expect(own.nodes[1].inputs[1]).toBe(own.nodes[0].outputs[0]);
  });

  test("keeps its made-up name where another tensor claims to be the same and has other numbers", () => {
    const nodes = [linear("images", "val_6", "y"), linear("images", "val_7", "z")];
    const graph = graphOf(nodes, { val_6: weight, val_7: noise([4, 3], 2) }, ["fc.weight"], folded);
    expect(withOwnNames(graph)).toBe(graph);
  });

  test("keeps it where the file holds another tensor of that name", () => {
    const held = { val_6: weight, "fc.weight": noise([3, 4], 3) };
    const graph = graphOf([linear("images", "val_6", "y")], held, ["fc.weight"], folded);
    expect(withOwnNames(graph)).toBe(graph);
  });

  test("keeps it where the optimizer computed it from something else", () => {
    const graph = graphOf([linear("images", "val_6", "y")], { val_6: weight }, ["fc.weight"], {
      val_6: "['val_2', 'val_3']",
    });
    expect(withOwnNames(graph)).toBe(graph);
  });

  test("is found without the call, as a converted file has none", () => {
    const bare = node("MatMul", { inputs: ["images", "val_6"], output: "y" });
    const own = withOwnNames(graphOf([bare], { val_6: weight }, ["fc.weight"], folded));
    expect(own.initializers.get("fc.weight")!.shape).toEqual([3, 4]);
  });
});

describe("a tensor behind steps of the code", () => {
  const scale = (held: string, module: string, view = held) =>
    node("Mul", { inputs: ["images", held], output: `y_${module}`, call: `mul(%x, %${view})`, module });
  const gamma = { view: float32([1, 4, 1, 1], noise([4], 4).data as Float32Array) };
  const names = ["a.gamma", "b.gamma"];

  test("has its own shape where they only pad it, in each module that has one", () => {
    const nodes = [scale("view", "a"), scale("view", "b", "view_1")];
    const own = withOwnNames(graphOf(nodes, gamma, names, { view: "['a.gamma', 'val_1']" }));
    expect([...own.initializers].filter(([name]) => names.includes(name)).map(([, t]) => t.shape)).toEqual([
      [4],
      [4],
    ]);
    const reshaped = own.nodes.filter(({ opType }) => opType === "Reshape");
    expect(own.nodes.filter(({ opType }) => opType === "Mul").map(({ inputs }) => inputs[1])).toEqual(
      reshaped.map(({ outputs }) => outputs[0]),
    );
  });

  test("keeps the made-up name where they compute", () => {
    const graph = graphOf([scale("exp", "a")], { exp: gamma.view }, names, { exp: "['a.gamma']" });
    expect(withOwnNames(graph)).toBe(graph);
    const behind = graphOf([scale("view", "a")], gamma, names, { view: "['a.gamma', 'softplus']" });
    expect(withOwnNames(behind)).toBe(behind);
  });
});

describe("a bias of zeros that was left out", () => {
  const conv = (call: string, rule = "RemoveOptionalBiasFromConv") => ({
    ...node("Conv", { inputs: ["images", "c.weight"], output: "y", call }),
    ...(call === "" && { metadata: { "pkg.onnxscript.rewriter.rule_name": rule } }),
  });
  const held = { "c.weight": noise([3, 4, 1, 1], 5) };
  const bias = (graph: Graph) => graph.nodes[0].inputs[2];

  test("comes back under its name", () => {
    const own = withOwnNames(
      graphOf([conv("conv2d(%x, %p_c_weight, %p_c_bias)")], held, ["c.weight", "c.bias"]),
    );
    expect(bias(own)).toBe("c.bias");
    expect(numbersOf(own.initializers.get("c.bias")!)).toEqual([0, 0, 0]);
    expect(bias(withOwnNames(graphOf([conv("")], held, ["c.weight", "c.bias"])))).toBe("c.bias");
  });

  test("is none where the module has none", () => {
    const graph = graphOf([conv("conv2d(%x, %p_c_weight, None)")], held, ["c.weight", "d.bias"]);
    expect(withOwnNames(graph)).toBe(graph);
    const ruled = graphOf([conv("")], held, ["c.weight"]);
    expect(withOwnNames(ruled)).toBe(ruled);
  });

  test("comes back where a BatchNormalization was folded in", () => {
    const nodes = [
      conv("_native_batch_norm_legit_no_training(%conv2d, %p_n_weight, %p_n_bias, %m, %v, 0.1, 1e-05)"),
    ];
    const own = withOwnNames(graphOf(nodes, held, ["c.weight", "n.weight", "n.bias"]));
    expect(bias(own)).toBe("c.weight_bias");
  });
});

test("a graph without a signature, or with calls that cannot be read, is as it was", () => {
  const plain = { ...graphOf([norm("images", "a", "a", "y")], {}, []), metadata: {} };
  expect(withOwnNames(plain)).toBe(plain);
  for (const call of [
    "%y : layer_norm",
    "(".repeat(50_000),
    `%y : [n=1] = call_function[target=a](args = ((((`,
  ]) {
    const broken = { ...norm("y", "b", "a", "z"), metadata: { "pkg.torch.onnx.fx_node": call } };
    const held = { "a.weight": ones(4), "a.bias": float32([4]) };
    const graph = graphOf([norm("images", "a", "a", "y"), broken], held, ["a.weight", "a.bias", "b.weight"]);
    expect(withOwnNames(graph).nodes[1].inputs).toEqual(["y", "a.weight", "a.bias"]);
  }
});

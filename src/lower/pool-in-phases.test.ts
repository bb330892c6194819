import { describe, expect, test } from "vitest";
import { runGraph } from "../../test/run-graph.ts";
import { backward } from "../autodiff/index.ts";
import { type Attributes, type Graph, GraphBuilder, inlineGraph } from "../onnx/index.ts";
import { type Tensor, type TensorOf, float32, random, sizeOf } from "../tensor/index.ts";
import { poolInPhases } from "./index.ts";

interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly pool: readonly [number, number];
  readonly pads?: readonly number[];
  readonly autoPad?: string;
  readonly bias?: boolean;
}

const cases: readonly Case[] = [
  {
    name: "LeNet's first layer",
    x: [2, 1, 28, 28],
    w: [6, 1, 5, 5],
    pool: [2, 2],
    pads: [2, 2, 2, 2],
    bias: true,
  },
  {
    name: "an odd map, whose last row and column no window reaches",
    x: [2, 2, 9, 11],
    w: [4, 2, 3, 3],
    pool: [2, 2],
  },
  { name: "uneven padding", x: [1, 1, 8, 8], w: [2, 1, 3, 3], pool: [2, 2], pads: [0, 1, 2, 1], bias: true },
  { name: "windows of 3 × 2", x: [2, 1, 13, 12], w: [3, 1, 2, 3], pool: [3, 2], bias: true },
  { name: "a 1×1 kernel", x: [1, 3, 6, 6], w: [5, 3, 1, 1], pool: [2, 2] },
  { name: "auto_pad VALID", x: [1, 1, 7, 7], w: [2, 1, 3, 3], pool: [2, 2], autoPad: "VALID", bias: true },
];

function convAndPool(
  { x, w, pool, pads, autoPad, bias }: Case,
  attributes: { pool?: object; conv?: object } = {},
) {
  const g = new GraphBuilder();
  const parameters = [g.initializer("w", float32(w)), ...(bias ? [g.initializer("b", float32([w[0]]))] : [])];
  const padding: Attributes = autoPad ? { auto_pad: autoPad } : pads ? { pads } : {};
  const conv = g.op1("Conv", [g.input("x", "float32", x), ...parameters], { ...padding, ...attributes.conv });
  const pooled = g.op1("MaxPool", [conv], { kernel_shape: pool, strides: pool, ...attributes.pool });
  return { graph: g.build("conv and pool", { y: pooled }), conv: conv.name };
}

/** Small whole numbers: sums are exact in any order, and ties are everywhere. */
function wholeNumbers(shape: readonly number[], seed: string): TensorOf<"float32"> & Tensor {
  const rng = random(0, seed);
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.integer(5) - 2),
  );
}

/** y, and the gradient of Σ y·dy by each input. */
async function valueAndGradients(graph: Graph, feeds: Record<string, Tensor>) {
  const results = await runGraph(feeds, (g, inputs) => {
    const y = inlineGraph(g, graph, new Map(Object.entries(inputs))).get("y")!;
    const loss = g.sum(g.mul(y, g.constant(wholeNumbers(y.shape, "dy"))), [0, 1, 2, 3]);
    const gradients = backward(g, loss, Object.values(inputs));
    return { y, ...Object.fromEntries(Object.keys(inputs).map((name, i) => [`grad:${name}`, gradients[i]])) };
  });
  return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, Array.from(t.data, Number)]));
}

describe("pooling in phases", () => {
  test.each(cases)(
    "$name: output and gradients are those of convolution and pooling, to the bit",
    async (c) => {
      const { graph } = convAndPool(c);
      const rewritten = poolInPhases(graph);
      expect(rewritten.nodes.map((node) => node.opType)).toContain("PhaseMax");
      expect(rewritten.nodes.map((node) => node.opType)).not.toContain("MaxPool");
      const feeds: Record<string, Tensor> = { x: wholeNumbers(c.x, "x"), w: wholeNumbers(c.w, "w") };
      if (c.bias) feeds.b = wholeNumbers([c.w[0]], "b");
      const [plain, phased] = [
        await valueAndGradients(graph, feeds),
        await valueAndGradients(rewritten, feeds),
      ];
      expect(phased).toEqual(plain);
    },
  );

  const small = cases[1];
  test.each([
    ["the convolution's output is read by name", small, {}, true],
    ["windows overlap", small, { pool: { kernel_shape: [3, 3] } }, false],
    ["the pool is padded", small, { pool: { pads: [1, 1, 0, 0] } }, false],
    ["the pool rounds up", small, { pool: { ceil_mode: 1 } }, false],
    ["the convolution has a stride", small, { conv: { strides: [2, 2] } }, false],
    ["the convolution is dilated", small, { conv: { dilations: [2, 2] } }, false],
    ["there are many channels", { ...small, w: [40, 2, 3, 3] }, {}, false],
  ] as const)("does nothing where %s", (_, c, attributes, isNamed) => {
    const { graph, conv } = convAndPool(c, attributes);
    expect(poolInPhases(graph, new Set(isNamed ? [conv] : [])).nodes).toEqual(graph.nodes);
  });

  test("names of its own where the graph's begin like the convolution's output", async () => {
    const { graph, conv } = convAndPool(small);
    const [w] = [...graph.initializers.keys()];
    // As TensorFlow names its weights.
    const named = `${conv}/kernel`;
    const renamed = {
      ...graph,
      initializers: new Map([[named, graph.initializers.get(w)!]]),
      nodes: graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((name) => (name === w ? named : name)),
      })),
    };
    const feeds = { x: wholeNumbers(small.x, "x"), [named]: wholeNumbers(small.w, "w") };
    expect(await valueAndGradients(poolInPhases(renamed), feeds)).toEqual(
      await valueAndGradients(renamed, feeds),
    );
  });

  test("names of its own for two convolutions whose outputs are named alike", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 1, 28, 28]);
    const pooled = ["first", "second"].map((name) => {
      const conv = g.op1("Conv", [x, g.initializer(name, float32([6, 1, 5, 5]))]);
      return g.op1("MaxPool", [conv], { kernel_shape: [2, 2], strides: [2, 2] });
    });
    const graph = g.build("alike", { y: pooled[0], z: pooled[1] });
    const [one, other] = graph.nodes
      .filter(({ opType }) => opType === "Conv")
      .map(({ outputs }) => outputs[0]);
    const names = new Map([
      [one, "a"],
      [other, "a/pooled"],
    ]);
    const renamed = (list: readonly string[]) => list.map((name) => names.get(name) ?? name);
    const alike = {
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        inputs: renamed(node.inputs),
        outputs: renamed(node.outputs),
      })),
    };
    const made = poolInPhases(alike).nodes.flatMap(({ outputs }) => outputs);
    expect(new Set(made).size).toBe(made.length);
  });
});

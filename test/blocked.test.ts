/**
 * The blocked lowering against the plain one, which is checked against PyTorch: layer by layer, every output and every
 * gradient. (Whole nets are compared with PyTorch itself in nets.test.ts.)
 */
import { beforeEach, describe, expect, test } from "vitest";
import { backward, semanticInference } from "../src/autodiff/index.ts";
import { blockedInference } from "../src/lower/blocked/index.ts";
import { lower } from "../src/lower/index.ts";
import {
  type Graph,
  GraphBuilder,
  type GraphNode,
  type Value,
  float,
  inlineGraph,
} from "../src/onnx/index.ts";
import { type Tensor, float32, random, sizeOf } from "../src/tensor/index.ts";
import { relativeError, runOnce } from "./gradient-case.ts";
import { block, noBlocks } from "./tools/blocks.ts";

type Layer = (g: GraphBuilder, x: Value, parameter: (shape: readonly number[]) => Value) => Value;

const window = (kernel: number, stride = 1, pad = 0, dilation = 1) => ({
  kernel_shape: [kernel, kernel],
  strides: [stride, stride],
  pads: [pad, pad, pad, pad],
  dilations: [dilation, dilation],
});
// Before batch statistics a bias has no gradient but rounding errors.
const conv =
  (channels: number, attributes: ReturnType<typeof window> & { group?: number }, hasBias = true): Layer =>
  (g, x, parameter) => {
    const [k, l] = attributes.kernel_shape;
    const w = parameter([channels, x.shape[1] / (attributes.group ?? 1), k, l]);
    return g.op1("Conv", hasBias ? [x, w, parameter([channels])] : [x, w], attributes);
  };
const relu: Layer = (g, x) => g.op1("Relu", [x]);
const squared: Layer = (g, x) => g.mul(x, x);
const maxPool =
  (kernel: number, stride = kernel, pad = 0): Layer =>
  (g, x) =>
    g.op1("MaxPool", [x], window(kernel, stride, pad));
const batchNormalization =
  (training: boolean): Layer =>
  (g, x, parameter) => {
    const c = [x.shape[1]];
    const root = parameter(c);
    const variance = g.add(g.mul(root, root), g.scalar(1));
    const inputs = [x, parameter(c), parameter(c), parameter(c), variance];
    const epsilon = float(1e-5);
    return training
      ? g.op(
          "BatchNormalization",
          inputs,
          { epsilon, training_mode: 1, momentum: float(0) },
          { outputs: 3 },
        )[0]
      : g.op1("BatchNormalization", inputs, { epsilon });
  };
const chain =
  (...layers: readonly Layer[]): Layer =>
  (g, x, parameter) =>
    layers.reduce((value, layer) => layer(g, value, parameter), x);
const joined =
  (join: (g: GraphBuilder, a: Value, b: Value) => Value, a: Layer, b: Layer): Layer =>
  (g, x, parameter) =>
    join(g, a(g, x, parameter), b(g, x, parameter));
const someRows: Layer = (g, x) => g.gather(x, g.ints([3, 3, 0, 15]));
const same: Layer = (_g, x) => x;
const add = (g: GraphBuilder, a: Value, b: Value): Value => g.add(a, b);

type Case = readonly [title: string, images: readonly number[], layer: Layer];

const convolutions: readonly Case[] = [
  ["3×3, padded", [16, 16, 8, 8], conv(32, window(3, 1, 1))],
  [
    "3×3 on maps of many positions, two blocks of samples in two strips",
    [32, 16, 32, 32],
    conv(32, window(3, 1, 1)),
  ],
  ["two blocks of samples, without padding", [32, 16, 26, 26], conv(16, window(3))],
  ["the same in two strips", [32, 16, 34, 34], conv(32, window(3))],
  ["3×3 without padding", [16, 32, 7, 9], conv(16, window(3))],
  ["1×1", [16, 16, 5, 5], conv(48, window(1))],
  ["5×5 with little padding", [16, 16, 9, 9], conv(16, window(5, 1, 1))],
  ["3×3, dilated", [16, 16, 9, 9], conv(16, window(3, 1, 2, 2))],
  ["3×3, stride 2", [16, 16, 8, 8], conv(32, window(3, 2, 1))],
  ["3×3, stride 2, of an odd map", [16, 16, 9, 9], conv(32, window(3, 2, 1))],
  ["5×5, stride 3", [16, 16, 9, 12], conv(16, window(5, 3, 2))],
  ["1×1, stride 2", [16, 16, 8, 8], conv(32, window(1, 2))],
  ["1×1, stride 2, of an odd map", [16, 16, 7, 7], conv(32, window(1, 2))],
  ["more padding than the kernel", [16, 16, 5, 5], conv(16, window(3, 1, 3))],
  ["a first layer", [16, 3, 10, 10], conv(16, window(3, 1, 1))],
  ["a first layer of stride 2", [16, 3, 10, 10], conv(16, window(3, 2, 1))],
  ["few channels, large patches", [16, 6, 10, 10], conv(16, window(5))],
  ["few channels, large patches, stride 2", [16, 6, 11, 11], conv(32, window(5, 2, 2))],
  ["a batch that is no whole block", [5, 16, 8, 8], conv(32, window(3, 1, 1))],
];

const cases: readonly Case[] = [
  ...convolutions,
  // The gradient of a square comes in blocks: then dW is made of them. (ReLU would tell rounding from zero.)
  ...convolutions.map(([title, images, layer]): Case => [`${title}, squared`, images, chain(layer, squared)]),
  [
    "channels that are no whole blocks",
    [16, 16, 6, 6],
    chain(conv(32, window(3)), conv(24, window(1)), conv(16, window(1))),
  ],
  ["two groups", [16, 32, 6, 6], chain(conv(32, window(1)), conv(32, { ...window(3), group: 2 }))],
  ["depthwise", [16, 32, 8, 8], chain(conv(32, window(1)), conv(32, { ...window(3, 1, 1), group: 32 }))],
  ["convolution and ReLU", [16, 16, 6, 6], chain(conv(16, window(3)), relu, conv(16, window(3)))],
  [
    "pools that tile the map",
    [16, 3, 18, 18],
    chain(conv(16, window(3)), maxPool(2), relu, conv(16, window(3, 1, 1)), maxPool(4), relu),
  ],
  ["a first layer, padded, under a pool", [16, 3, 8, 8], chain(conv(16, window(3, 1, 1)), maxPool(2), relu)],
  [
    "a first layer of one channel under a pool",
    [16, 1, 16, 16],
    chain(conv(16, window(5)), relu, maxPool(3)),
  ],
  [
    "a first layer of large patches under a pool",
    [16, 3, 10, 10],
    chain(conv(16, window(5)), maxPool(2), relu),
  ],
  [
    "rows of a first layer under a pool",
    [16, 3, 10, 10],
    chain(conv(16, window(3)), someRows, maxPool(2), relu),
  ],
  ["a first layer of many images under a pool", [170, 3, 30, 30], chain(conv(32, window(3)), maxPool(2))],
  [
    "a pool that tells where its maxima are",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x) => {
      const [largest, places] = g.op("MaxPool", [x], window(2, 2), { outputs: 2 });
      return g.add(g.op1("Relu", [largest]), g.scale(g.cast(places, "float32"), 1e-3));
    }),
  ],
  [
    "a maximum that ReLU and others read",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), maxPool(2), joined(add, relu, same)),
  ],
  [
    "a map that others read than the pool under ReLU",
    [16, 3, 10, 10],
    chain(
      conv(16, window(3)),
      joined(
        (g, a, b) => g.concat([a, b], 2),
        chain(maxPool(2), relu),
        (g, x) => g.slice(x, [{ axis: 3, start: 0, end: 4 }]),
      ),
    ),
  ],
  [
    "a pool of a map that others read",
    [16, 16, 8, 8],
    chain(
      conv(16, window(3, 1, 1)),
      joined(
        (g, a, b) =>
          g.add(
            a,
            g.slice(b, [
              { axis: 2, start: 0, end: 4 },
              { axis: 3, start: 0, end: 4 },
            ]),
          ),
        maxPool(2),
        relu,
      ),
    ),
  ],
  ["a pool that leaves a rest", [16, 16, 9, 9], chain(conv(16, window(3, 1, 1)), maxPool(2))],
  ["overlapping pools", [16, 16, 8, 8], chain(conv(16, window(3, 1, 1)), maxPool(3, 2, 1))],
  [
    "batch statistics",
    [16, 16, 6, 6],
    chain(conv(16, window(3, 1, 1), false), batchNormalization(true), relu),
  ],
  ["given statistics", [16, 16, 6, 6], chain(conv(16, window(3, 1, 1)), batchNormalization(false), relu)],
  [
    "a residual block",
    [16, 16, 6, 6],
    chain(
      conv(16, window(3, 1, 1)),
      joined(add, chain(relu, conv(16, window(3, 1, 1), false), batchNormalization(true)), same),
      relu,
    ),
  ],
  [
    "a strided block with a shortcut",
    [16, 16, 8, 8],
    chain(
      conv(16, window(3, 1, 1)),
      relu,
      joined(add, chain(conv(32, window(3, 2, 1), false), batchNormalization(true)), conv(32, window(1, 2))),
      relu,
    ),
  ],
  ["a sum with itself", [16, 16, 6, 6], chain(conv(16, window(3)), (g, x) => g.add(x, x))],
  [
    "channels joined",
    [16, 16, 6, 6],
    joined((g, a, b) => g.concat([a, b], 1), conv(16, window(3, 1, 1)), conv(32, window(1))),
  ],
  ["rows picked", [16, 16, 6, 6], chain(conv(16, window(3, 1, 1)), someRows, conv(16, window(1)))],
  [
    "a number for each channel, and one for all",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x, parameter) =>
      g.scale(g.add(g.mul(x, parameter([16, 1, 1])), parameter([1, 16, 1, 1])), 3),
    ),
  ],
  [
    "a number for each pixel",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x, parameter) => g.mul(x, parameter([1, 1, 4, 4]))),
  ],
  [
    "smooth activations",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x) => g.op1("Tanh", [g.op1("Sigmoid", [x])])),
  ],
  [
    "a choice by comparison",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x) => g.where(g.greater(x, g.scalar(0.1)), x, g.scale(x, 0.3))),
  ],
  [
    "the mean of a map",
    [16, 16, 6, 6],
    chain(conv(16, window(3)), (g, x) => g.op1("GlobalAveragePool", [x])),
  ],
  ["the maximum of a map", [16, 16, 6, 6], chain(conv(16, window(3)), (g, x) => g.op1("GlobalMaxPool", [x]))],
  ["a map flattened", [16, 16, 6, 6], chain(conv(16, window(3)), (g, x) => g.op1("Flatten", [x]))],
];

/** Convolutions of many channels, which minimal filtering computes: maps small and large, whole tiles and parts of them. */
const filtered: readonly Case[] = [
  ["a map of one tile", [3, 128, 4, 4], conv(128, window(3, 1, 1))],
  ["tiles that reach beyond the map", [2, 128, 7, 8], conv(144, window(3, 1, 1))],
  ["no padding", [2, 144, 8, 6], conv(128, window(3))],
  ["more padding than the kernel", [2, 128, 4, 5], conv(128, window(3, 1, 2))],
  ["a map that is transformed axis by axis", [2, 128, 16, 16], conv(128, window(3, 1, 1))],
  ["the same with parts of tiles", [1, 256, 11, 13], conv(256, window(3, 1, 1))],
  ["a kernel at some points after others", [2, 512, 4, 4], conv(512, window(3, 1, 1))],
  ["the same axis by axis", [1, 768, 12, 12], conv(768, window(3, 1, 1))],
  [
    "batch statistics, a shortcut and ReLU",
    [4, 128, 8, 8],
    chain(
      conv(128, window(3, 1, 1), false),
      batchNormalization(true),
      relu,
      joined(add, chain(conv(128, window(3, 1, 1), false), batchNormalization(true)), same),
      relu,
    ),
  ],
  [
    "given statistics, a shortcut and ReLU",
    [4, 128, 8, 8],
    joined(add, chain(conv(128, window(3, 1, 1)), batchNormalization(false)), same),
  ],
  [
    "a kernel that both kinds of convolution read",
    [2, 128, 8, 8],
    (g, x, parameter) => {
      const w = parameter([128, 128, 3, 3]);
      const once = g.op1("Conv", [x, w], window(3, 1, 1));
      return g.op1("Conv", [once, w], window(3, 2, 1));
    },
  ],
];

/** What a convolution takes in where one node alone reads it, as in a pass without gradients. */
const takenIn: Layer = chain(
  joined(add, chain(conv(64, window(3, 1, 1)), batchNormalization(false)), conv(64, window(1))),
  relu,
);

/** Outputs y and (unless `trained` is false) the gradients by the images and every parameter of a weighted sum of y. */
function layerGraph(shape: readonly number[], layer: Layer, { trained = true } = {}): Graph {
  const g = new GraphBuilder({ extension: semanticInference });
  const x = g.input("x", "float32", shape);
  const parameters: Value[] = [];
  const y = layer(g, x, (lengths) => {
    const made = g.input(`p${parameters.length}`, "float32", lengths);
    parameters.push(made);
    return made;
  });
  if (!trained) return g.build("layer", { y });
  const weights = g.input("weights", "float32", y.shape);
  const axes = y.shape.map((_, i) => i);
  const gradients = backward(g, g.sum(g.mul(y, weights), axes), [x, ...parameters]);
  return g.build("layer", { y, ...Object.fromEntries(gradients.map((d, i) => [`d${i}`, d])) });
}

/** Normal numbers; every fifth image is constant, so that pools find ties. */
function feedsOf({ inputs }: Graph): Record<string, Tensor> {
  const rng = random(0, "blocked");
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const lengths = shape as number[];
      const size = sizeOf(lengths);
      const perRow = size / lengths[0];
      const data = Float32Array.from({ length: size }, (_, i) => {
        const value = rng.normal();
        return name === "x" && Math.floor(i / perRow) % 5 === 0 ? 1 : value;
      });
      return [name, float32(lengths, data)];
    }),
  );
}

async function expectSameAsPlain(graph: Graph, blocked: Graph): Promise<void> {
  const feeds = feedsOf(graph);
  const expected = await runOnce(lower(graph), feeds, "disabled");
  for (const level of ["disabled", "extended"] as const) {
    const actual = await runOnce(blocked, feeds, level);
    for (const { name } of graph.outputs) {
      expect(relativeError(actual[name], expected[name]), `${name}, ${level}`).toBeLessThan(1e-5);
    }
  }
}

const skipWithoutBlocks = () =>
  beforeEach(({ skip }) => {
    if (noBlocks) skip(noBlocks);
  });

describe("blocks of this processor", () => {
  skipWithoutBlocks();
  test.each(cases)("%s", async (_title, shape, layer) => {
    const graph = layerGraph(shape, layer);
    const blocked = lower(graph, { block });
    expect(blocked.nodes.some(({ domain }) => domain === "com.microsoft.nchwc")).toBe(true);
    await expectSameAsPlain(graph, blocked);
  });

  test.each(filtered)("minimal filtering: %s", async (_title, shape, layer) => {
    const graph = layerGraph(shape, layer);
    const blocked = lower(graph, { block });
    // The product with the kernel, and the ones for both gradients.
    const products = blocked.nodes.filter(({ opType }) => opType === "FusedMatMul");
    expect(products.length).toBeGreaterThanOrEqual(2);
    await expectSameAsPlain(graph, blocked);
  });
});

describe("a first layer under a pool", () => {
  skipWithoutBlocks();
  const blockedNodes = (shape: readonly number[], layer: Layer) =>
    lower(layerGraph(shape, layer), { block }).nodes;
  const count = (nodes: readonly GraphNode[], opType: string) =>
    nodes.filter((node) => node.opType === opType).length;

  const activated = (nodes: readonly GraphNode[], activation: string) =>
    nodes.filter(({ attributes }) => attributes.activation === activation).length;

  test.each([
    ["all rows", chain(conv(16, window(3)), maxPool(2), relu)],
    ["some rows", chain(conv(16, window(3)), someRows, maxPool(2), relu)],
  ])("is repeated for the gradient, and makes ReLU on its way: %s", (_rows, layer) => {
    const nodes = blockedNodes([16, 3, 10, 10], layer);
    expect(count(nodes, "Relu")).toBe(0);
    expect(count(nodes, "MaxPool")).toBe(1);
    // Once for the pool, and again for all phases but the last, each with its mask.
    expect(activated(nodes, "Relu")).toBe(4);
    expect(activated(nodes, "HardSigmoid")).toBe(3);
  });

  test("of many images goes over some at a time", () => {
    const nodes = blockedNodes([170, 3, 30, 30], chain(conv(32, window(3)), maxPool(2)));
    expect(count(nodes, "MaxPool")).toBe(2);
  });

  test("leaves ReLU where it is if others read the maximum", () => {
    const nodes = blockedNodes(
      [16, 3, 10, 10],
      chain(conv(16, window(3)), maxPool(2), joined(add, relu, same)),
    );
    expect(count(nodes, "Relu")).toBe(1);
  });
});

/** Shapes that products of matrices have in a lowered graph, with their number. */
function productShapes(graph: Graph): Map<string, number> {
  const g = new GraphBuilder({ extension: blockedInference });
  const bind = (name: string, shape: readonly number[]) => [name, g.input(name, "float32", shape)] as const;
  const values = inlineGraph(
    g,
    graph,
    new Map(graph.inputs.map(({ name, shape }) => bind(name, shape as number[]))),
  );
  const counts = new Map<string, number>();
  for (const { opType, outputs } of graph.nodes) {
    if (!opType.endsWith("MatMul")) continue;
    const shape = values.get(outputs[0])!.shape.join();
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  return counts;
}

describe("minimal filtering", () => {
  skipWithoutBlocks();
  test.each([
    ["direct", 32],
    ["filtered", 4],
  ])("given statistics, a shortcut and ReLU are taken in: %s", async (way, size) => {
    const graph = layerGraph([2, 64, size, size], takenIn, { trained: false });
    const blocked = lower(graph, { block });
    expect(blocked.nodes.some(({ opType }) => opType === "MatMul")).toBe(way === "filtered");
    expect(blocked.nodes.map(({ opType }) => opType)).not.toContain("Relu");
    await expectSameAsPlain(graph, blocked);
  });

  // The runtime holds one buffer for all tensors of a shape: see `lead` in src/lower/blocked/winograd/map.ts.
  test.each([4, 16])(
    "no shape of the forward pass comes back in the backward one, %s pixels wide",
    (size) => {
      const layer = conv(128, window(3, 1, 1), false);
      const shape = [2, 128, size, size];
      const [forward, both] = [false, true].map((trained) =>
        productShapes(lower(layerGraph(shape, layer, { trained }), { block })),
      );
      expect(forward.size).toBeGreaterThan(0);
      for (const [product, count] of forward) expect(both.get(product), product).toBe(count);
    },
  );
});

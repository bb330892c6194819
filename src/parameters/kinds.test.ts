/** Tensors of every kind that modules have, in graphs as exporters write them. */
import { describe, expect, test } from "vitest";
import { buildClassifier } from "../models/index.ts";
import type { Graph, GraphBuilder, Value } from "../onnx/index.ts";
import { float32, random, sizeOf } from "../tensor/index.ts";
import { exportNotes } from "./export-notes.ts";
import { parameterLayers } from "./layers.ts";
import { tensorRoles, trainableNames } from "./roles.ts";

const noise = (shape: readonly number[], seed = shape.length) => {
  const rng = random(seed, "noise");
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
};
const filled = (shape: readonly number[], value: number) =>
  float32(shape, new Float32Array(sizeOf(shape)).fill(value));

/** Images [2, 4, 4] through a convolution `conv.weight` of three channels, then `body`, then mean and a product `fc.weight`. */
const net = (body: (g: GraphBuilder, x: Value) => Value): Graph =>
  buildClassifier("kinds", [2, 4, 4], (g, images) => {
    const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1], dilations: [1, 1] };
    const x = g.op1("Conv", [images, g.initializer("conv.weight", noise([3, 2, 3, 3]))], window);
    return g.matMul(g.mean(body(g, x), [2, 3]), g.initializer("fc.weight", noise([3, 5])));
  }).graph;

const kindOf = (graph: Graph, name: string) => tensorRoles(graph).find((role) => role.name === name);
const added = (graph: Graph) => trainableNames(graph).filter((name) => !/^(conv|fc)\.weight$/.test(name));

describe("trains, though no layer's operator takes it", () => {
  const cases: [string, (g: GraphBuilder, x: Value) => Value][] = [
    [
      "a factor of a kernel",
      (g, x) => depthwise(g, x, g.scale(g.initializer("dw.weight", noise([3, 1, 3, 3])), 0.5)),
    ],
    [
      "weight and norm of weight_norm",
      (g, x) => {
        const v = g.initializer("dw.weight_v", noise([3, 1, 3, 3]));
        const length = g.sqrt(g.sum(g.mul(v, v), [1, 2, 3], { keep: true }));
        return depthwise(g, x, g.mul(g.div(v, length), g.initializer("dw.weight_g", noise([3, 1, 1, 1]))));
      },
    ],
    [
      "the exponent of a learnt temperature",
      (g, x) => g.mul(x, g.exp(g.initializer("logit_scale", float32([], [0.3])))),
    ],
    [
      "a power that pooling learns",
      (g, x) => g.pow(g.op1("Abs", [x]), g.initializer("pool.p", float32([1], [2.5]))),
    ],
    [
      "a clipped table that is gathered",
      (g, x) => {
        const table = g.op1("Clip", [g.initializer("bias_table", noise([7, 3]))]);
        const rows = g.op1("Gather", [table, g.ints([0, 2, 4, 6])], { axis: 0 });
        return g.add(x, g.reshape(g.transpose(rows, [1, 0]), [1, 3, 4, 1]));
      },
    ],
    [
      "a scale spread by Expand",
      (g, x) => g.mul(x, g.expand(g.initializer("gamma1", noise([3, 1, 1])), [1, 3, 4, 4])),
    ],
  ];
  test.each(cases)("%s", (_, body) => {
    const graph = net(body);
    const expected = [...graph.initializers.keys()].filter((name) => /dw|scale|pool|table|gamma/.test(name));
    expect(expected.length).toBeGreaterThan(0);
    expect(added(graph)).toEqual(expected);
  });

  test("what may be a mask or a table is named in a note, what has a layer's name is not", () => {
    const graph = net((g, x) =>
      g.mul(
        g.mul(x, g.initializer("gamma_1", noise([3, 1, 1]))),
        g.mul(
          g.initializer("scale.weight", noise([3, 1, 1], 7)),
          g.mul(
            g.initializer("0.parametrizations.weight.original0", noise([3, 1, 1], 8)),
            g.initializer("attn.relative_position_bias_table", noise([3, 1, 1], 9)),
          ),
        ),
      ),
    );
    expect(exportNotes(graph)).toEqual([
      expect.stringMatching(/^1 tensor trains that may be no parameter.*: gamma_1\. /),
    ]);
    expect(exportNotes(graph, {}, false)).toEqual([]);
  });
});

describe("stays, and is named", () => {
  const mask = float32([3, 1, 1], [0, -Infinity, 0]);
  const blur = float32(
    [3, 1, 3, 3],
    Array.from({ length: 27 }, (_, i) => [1, 2, 1, 2, 4, 2, 1, 2, 1][i % 9] / 16),
  );
  const cases: [string, string, RegExp, (g: GraphBuilder, x: Value) => Value][] = [
    [
      "a mask of −Infinity",
      "attn_mask",
      /infinities/,
      (g, x) => g.op1("Softmax", [g.add(x, g.initializer("attn_mask", mask))], { axis: 1 }),
    ],
    [
      "a mask of two numbers",
      "keep",
      /two different numbers/,
      (g, x) => g.mul(x, g.initializer("keep", float32([3, 1, 1], [0, 1, 1]))),
    ],
    [
      "a blur",
      "kernel",
      /one kernel for all channels/,
      (g, x) => depthwise(g, x, g.initializer("kernel", blur)),
    ],
    [
      "a vector of spectral normalization",
      "dw.weight_u",
      /by its name a buffer/,
      (g, x) => {
        const w = g.initializer("dw.weight_orig", noise([3, 9]));
        const u = g.initializer("dw.weight_u", noise([1, 3]));
        const v = g.initializer("dw.weight_v", noise([9, 1]));
        const sigma = g.reshape(g.matMul(u, g.matMul(w, v)), []);
        return depthwise(g, x, g.reshape(g.div(w, sigma), [3, 1, 3, 3]));
      },
    ],
    [
      "a table that an exporter computed",
      "onnx::Add_12",
      /computed by the exporter/,
      (g, x) => g.add(x, g.initializer("onnx::Add_12", noise([3, 4, 4]))),
    ],
  ];
  test.each(cases)("%s", (_, name, why, body) => {
    const graph = net(body);
    expect(kindOf(graph, name)).toMatchObject({
      kind: "constant",
      isGuess: true,
      why: expect.stringMatching(why) as string,
    });
    expect(exportNotes(graph).join("\n")).toContain(name);
  });

  test("what acts on the images before any layer", () => {
    const { graph } = buildClassifier("normalized", [3, 2, 2], (g, images) => {
      const x = g.div(
        g.sub(images, g.initializer("mean", noise([3, 1, 1]))),
        g.initializer("std", filled([3, 1, 1], 0.2)),
      );
      return g.matMul(g.reshape(x, [1, 12]), g.initializer("fc.weight", noise([12, 5])));
    });
    expect(trainableNames(graph)).toEqual(["fc.weight"]);
    expect(exportNotes(graph)).toEqual([
      expect.stringMatching(/act on the images|acts on the images.*mean, std/),
    ]);
  });

  test("single numbers of the exporter, ones and zeros of a normalization without scale, scales of a Resize: without a word", () => {
    const graph = net((g, x) => {
      const ones = g.initializer("val_8", filled([3], 1));
      const zeros = g.initializer("val_11", filled([3], 0));
      const normalized = g.op1("InstanceNormalization", [
        g.add(x, g.initializer("/Constant_output_0", float32([], [0.1]))),
        ones,
        zeros,
      ]);
      return g.op1(
        "Resize",
        [normalized, null, g.initializer("scales", float32([4], [1, 1, 2, 2]), { constant: true })],
        {
          mode: "nearest",
        },
      );
    });
    expect(added(graph)).toEqual([]);
    expect(exportNotes(graph)).toEqual([]);
  });
});

describe("computed by the exporter, and trains by what it is", () => {
  test("weights of layers, a bias added on its own, and the scale and bias of a group normalization", () => {
    const graph = net((g, x) => {
      const biased = g.add(x, g.initializer("onnx::Add_83", noise([3, 1, 1])));
      const ones = g.initializer("val_8", filled([3], 1));
      const zeros = g.initializer("val_11", filled([3], 0));
      const grouped = g.op1("InstanceNormalization", [g.reshape(biased, [1, 3, 16]), ones, zeros]);
      const back = g.reshape(grouped, [1, 3, 4, 4]);
      return g.add(
        g.mul(back, g.initializer("val_21", noise([3, 1, 1]))),
        g.initializer("val_23", noise([3, 1, 1], 9)),
      );
    });
    expect(added(graph)).toEqual(["onnx::Add_83", "val_21", "val_23"]);
    expect(exportNotes(graph)[0]).toMatch(
      /^3 parameters were computed by the exporter \(onnx::Add_83, val_\* \(2×\)\)/,
    );
  });

  test("a kernel that weight_norm was folded into is not taken for folded BatchNormalization", () => {
    const { graph } = buildClassifier("folded", [2, 4, 4], (g, images) => {
      const window = { kernel_shape: [3, 3], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1] };
      const weight = g.initializer("onnx::Conv_9", noise([3, 2, 3, 3]));
      const x = g.op1("Conv", [images, weight, g.initializer("conv.bias", noise([3]))], window);
      return g.mean(x, [2, 3]);
    });
    expect(exportNotes(graph)[0]).toMatch(/^1 parameter was computed by the exporter \(onnx::Conv_9\)/);
  });
});

test("what the file says comes before everything that the graph looks like", () => {
  const graph = net((g, x) =>
    g.mul(g.add(x, g.initializer("pe", noise([3, 4, 4]))), g.initializer("keep", filled([3, 1, 1], 1))),
  );
  const metadata = {
    "alignreg.parameters": '["conv.weight","fc.weight","keep","norm.weight"]',
    "alignreg.buffers": '["pe"]',
  };
  expect(trainableNames(graph, { metadata })).toEqual(
    ["conv.weight", "keep", "fc.weight"].sort((a, b) => order(graph, a) - order(graph, b)),
  );
  expect(exportNotes(graph, { metadata })).toEqual([
    expect.stringMatching(/^1 of the module's 4 parameters is not in the file.*: norm\.weight\./),
  ]);
});

const order = (graph: Graph, name: string) => [...graph.initializers.keys()].indexOf(name);

test("a tensor that leads elsewhere than to the logits is no parameter of theirs, but of what is aligned", () => {
  const graph = net((_, x) => x);
  const window = { kernel_shape: [1, 1], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1] };
  const conv = graph.nodes.find(({ opType }) => opType === "Conv")!;
  const aside: Graph = {
    ...graph,
    nodes: [
      ...graph.nodes,
      {
        opType: "Conv",
        domain: "",
        name: "",
        inputs: [conv.outputs[0], "aux.weight"],
        outputs: ["aux"],
        attributes: window,
      },
    ],
    initializers: new Map([...graph.initializers, ["aux.weight", noise([2, 3, 1, 1])]]),
  };
  expect(trainableNames(aside)).toEqual(["conv.weight", "fc.weight"]);
  expect(trainableNames(aside, { aligned: "aux" })).toEqual(["conv.weight", "fc.weight", "aux.weight"]);
});

test("layers are counted as a person counts them: a normalization that was written out in operators is one", () => {
  const { graph } = buildClassifier("written out", [4, 1, 1], (g, images) => {
    const x = g.matMul(g.reshape(images, [1, 4]), g.initializer("fc1.weight", noise([4, 4])));
    const hidden = g.add(x, g.initializer("fc1.bias", noise([4])));
    const centred = g.sub(hidden, g.mean(hidden, [1], { keep: true }));
    const deviation = g.sqrt(g.add(g.mean(g.mul(centred, centred), [1], { keep: true }), g.scalar(1e-5)));
    const scaled = g.mul(g.div(centred, deviation), g.initializer("norm.weight", noise([4], 3)));
    const shifted = g.add(scaled, g.initializer("norm.bias", noise([4], 4)));
    return g.matMul(shifted, g.initializer("head.weight", noise([4, 3])));
  });
  expect(parameterLayers(graph)).toEqual([
    ["fc1.weight", "fc1.bias"],
    ["norm.weight", "norm.bias"],
    ["head.weight"],
  ]);
});

function depthwise(g: GraphBuilder, x: Value, kernel: Value): Value {
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1], dilations: [1, 1], group: 3 };
  return g.op1("Conv", [x, kernel], window);
}

/** A classifier as layers, in the real TensorFlow.js: the probabilities of ONNX Runtime. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Classifier,
  buildClassifier,
  cifarCnn,
  cifarLenet,
  lenet,
  mobileNet,
  resnet18,
  vgg,
  withNewHead,
} from "../src/models/index.ts";
import type { GraphBuilder, Value } from "../src/onnx/index.ts";
import { float32, random } from "../src/tensor/index.ts";
import { openTestable } from "../src/api/open-testable.ts";
import { type PagePixels, writtenLayers } from "../src/api/export/written-layers.ts";
import type { LayersModel } from "../src/keras/index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const zoo: Readonly<Record<string, Classifier>> = {
  lenet: lenet(),
  cifarLenet: cifarLenet(),
  cifarCnn: cifarCnn({ width: 8 }),
  mobileNet: mobileNet({ width: 8 }),
  vgg: vgg({ width: 8 }),
  resnet18: resnet18({ width: 8 }),
};

test.each(Object.entries(zoo))("%s", (_, net) => expectSame(net, "unit"));

const shape = [3, 12, 10] as const;
const rng = random(0, "written");
const kernel = (...lengths: number[]) =>
  float32(
    lengths,
    Float32Array.from({ length: lengths.reduce((a, b) => a * b, 1) }, () => rng.uniform() - 0.5),
  );
const conv = (
  g: GraphBuilder,
  x: Value,
  outputs: number,
  attributes: Record<string, number | number[]> = {},
) => {
  const { kernel_shape: [h, w] = [3, 3], group = 1 } = attributes as {
    kernel_shape?: number[];
    group?: number;
  };
  const weights = g.constant(kernel(outputs, x.shape[1] / group, h, w));
  return g.op1("Conv", [x, weights, g.constant(kernel(outputs))], attributes);
};
const ended = (g: GraphBuilder, x: Value): Value => {
  const flat = g.op1("Flatten", [x]);
  return g.op1("Gemm", [flat, g.constant(kernel(flat.shape[1], 4)), g.constant(kernel(4))]);
};

/** What nets of strangers do: pads of either side, groups, maps laid flat, squeeze and excitation, joined channels. */
const bodies: Readonly<Record<string, (g: GraphBuilder, x: Value) => Value>> = {
  "strides of either convention": (g, x) => {
    const even = conv(g, x, 6, { strides: [2, 2], pads: [1, 1, 1, 1] });
    return ended(g, conv(g, even, 5, { strides: [2, 2], pads: [0, 0, 1, 1] }));
  },
  "groups of several channels": (g, x) =>
    ended(g, conv(g, conv(g, x, 6), 9, { group: 3, pads: [1, 1, 1, 1], dilations: [1, 1] })),
  "depthwise with two kernels a channel, dilated": (g, x) =>
    ended(g, conv(g, x, 6, { group: 3, dilations: [2, 2], pads: [2, 2, 2, 2] })),
  "kernels that are not square": (g, x) =>
    ended(g, conv(g, x, 4, { kernel_shape: [1, 5], pads: [0, 2, 0, 2] })),
  "squeeze and excitation": (g, x) => {
    const y = conv(g, x, 6);
    const pooled = g.op1("GlobalAveragePool", [y]);
    const gate = g.op1("Sigmoid", [
      conv(g, g.op1("Relu", [conv(g, pooled, 2, { kernel_shape: [1, 1] })]), 6, { kernel_shape: [1, 1] }),
    ]);
    return ended(g, g.mul(y, gate));
  },
  "constants for each channel": (g, x) => {
    const perChannel = (values: number[]) => g.constant(float32([1, 3, 1, 1], Float32Array.from(values)));
    const y = g.div(g.sub(x, perChannel([0.4, 0.5, 0.6])), perChannel([0.2, 0.3, 0.1]));
    return ended(g, g.sub(g.scalar(1), g.mul(conv(g, y, 4), g.scalar(3))));
  },
  "joined channels, and a border": (g, x) => {
    const both = g.concat([g.op1("Concat", [conv(g, x, 2)], { axis: 1 }), conv(g, x, 3)], 1);
    return ended(g, conv(g, g.pad(both, [0, 0, 2, 1, 0, 0, 0, 3]), 4));
  },
  "pools, a mean over space, and rows as pixels": (g, x) => {
    const pooled = g.op1("MaxPool", [conv(g, x, 6)], { kernel_shape: [2, 2], strides: [2, 2] });
    const mean = g.mean(pooled, [2, 3], { keep: true });
    return g.op1("Flatten", [conv(g, mean, 4, { kernel_shape: [1, 1] })]);
  },
  "pools padded alike on both sides, as PyTorch's": (g, x) => {
    const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
    // Below 0 everywhere: zeros around it would win.
    const low = g.sub(g.op1("Sigmoid", [conv(g, x, 6)]), g.scalar(2));
    const most = g.op1("MaxPool", [low], window);
    const padded = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    const mean = g.op1("AveragePool", [most], padded);
    return ended(g, g.op1("AveragePool", [mean], { ...window, count_include_pad: 1 }));
  },
  bounds: (g, x) => {
    const y = g.mul(conv(g, x, 6), g.scalar(4));
    const bounds = [
      [g.scalar(-1), g.scalar(0.5)],
      [g.scalar(0.2), null],
      [null, g.scalar(0.3)],
    ];
    const parts = bounds.map(([low, high]) => g.op1("Clip", high ? [y, low, high] : [y, low]));
    const perChannel = g.constant(float32([1, 6, 1, 1], Float32Array.from([0, 1, 2, 3, -1, -2])));
    const extremes = [g.op1("Max", [perChannel, y]), g.op1("Min", [y, g.scalar(0.4)])];
    return ended(g, g.concat([...parts, ...extremes, g.op1("Abs", [y])], 1));
  },
  "one tensor taken twice": (g, x) => {
    const y = conv(g, x, 4);
    return ended(g, g.concat([g.mul(y, y), y, y], 1));
  },
  activations: (g, x) => {
    const clipped = g.op1("Clip", [conv(g, x, 4), g.scalar(0), g.scalar(6)]);
    const all = ["Elu", "Selu", "Tanh", "Softplus", "Softsign", "LeakyRelu", "HardSwish", "HardSigmoid"];
    return ended(
      g,
      all.reduce((y, opType) => g.op1(opType, [conv(g, y, 4, { pads: [1, 1, 1, 1] })]), clipped),
    );
  },
  "one logit for two classes": (g, x) => {
    const flat = g.op1("Flatten", [conv(g, x, 4)]);
    return g.op1("MatMul", [flat, g.constant(kernel(flat.shape[1], 1))]);
  },
};

describe.each(["unit", "teachable"] as const)("pixels: %s", (pixels) => {
  test.each(Object.entries(bodies))("%s", (_, body) =>
    expectSame({ ...buildClassifier("net", shape, body), normalizesItself: true }, pixels),
  );

  test.each<[string, Partial<Classifier>]>([
    ["a scale alone", { normalization: { mean: [0, 0, 0], std: [0.5, 0.25, 2] } }],
    ["a mean", { normalization: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] } }],
    [
      "bytes, blue first",
      { inputRange: 255, channelOrder: "bgr", normalization: { mean: [100, 110, 120], std: [1, 1, 1] } },
    ],
    ["Lite0's pixels", { inputRange: 255, normalization: { mean: [127, 127, 127], std: [128, 128, 128] } }],
  ])("%s", (_, preprocessing) => {
    const net = buildClassifier("net", shape, (g, x) => ended(g, conv(g, x, 6, { pads: [1, 1, 1, 1] })));
    return expectSame({ ...net, ...preprocessing }, pixels);
  });
});

describe("a temperature is in the probabilities:", () => {
  const plain = (body: (g: GraphBuilder, x: Value) => Value): Classifier => ({
    ...buildClassifier("net", shape, body),
    normalizesItself: true,
    temperature: 2.5,
  });
  test.each(Object.entries(bodies))("%s", (_, body) => expectSame(plain(body), "unit"));

  test("without another layer where the last one is a kernel's, and with one where it is not", () => {
    const count = (net: Classifier) => written(net, "unit").weights.length;
    const ofKernel = plain((g, x) => ended(g, conv(g, x, 4)));
    expect(count(ofKernel)).toBe(count({ ...ofKernel, temperature: undefined }));
    const rectified = plain((g, x) => g.op1("Relu", [ended(g, conv(g, x, 4))]));
    expect(count(rectified)).toBe(count({ ...rectified, temperature: undefined }) + 4);
    return expectSame(rectified, "teachable");
  });
});

test("a net that was exported for one image at a time, at an older opset", async () => {
  const net = { ...buildClassifier("net", shape, (g, x) => ended(g, conv(g, x, 6))), normalizesItself: true };
  const { graph } = net;
  const [images] = graph.inputs;
  const old = {
    ...graph,
    inputs: [{ ...images, shape: [1, ...shape] }],
    outputs: graph.outputs.map((output) => ({ ...output, shape: [1, 4] })),
    opsets: new Map([["", 13]]),
  };
  await expectSame({ ...net, graph: old }, "unit", 1);
});

describe("a new head", () => {
  const trunk = {
    ...buildClassifier("net", shape, (g, x) => ended(g, g.mean(g.op1("Relu", [conv(g, x, 60)]), [2, 3]))),
    normalizesItself: true,
  };
  const classNames = ["a", "b", "c"];
  test.each(["root", "length", "own"] as const)("features brought to: %s", async (featureScale) => {
    await expectSame(withNewHead(trunk, { classNames, featureScale }), "unit");
    await expectSame(withNewHead(trunk, { classNames, featureScale, head: 8 }), "unit");
  });

  test.each(["root", "length"] as const)(
    "of features on either side of 0, large, or all 0: %s",
    async (featureScale) => {
      const bodies = [1, 1e4, 1e-3, 0].map(
        (factor) => (g: GraphBuilder, x: Value) =>
          ended(g, g.mul(g.sub(g.mean(conv(g, x, 60), [2, 3]), g.scalar(0.2)), g.scalar(factor))),
      );
      for (const body of bodies) {
        const net = { ...buildClassifier("net", shape, body), normalizesItself: true };
        await expectSame(withNewHead(net, { classNames, featureScale }), "unit");
      }
    },
  );
});

test("what no layer computes is refused by name, and so are maps in the place of logits", () => {
  const maps = buildClassifier("net", shape, (g, x) => conv(g, x, 6));
  expect(() => written(maps, "unit")).toThrow(
    /The logits are \[N, 6, 10, 8\]; a classifier gives \[N, classes\]/,
  );
  const odd = buildClassifier("net", shape, (g, x) => ended(g, g.op1("Sin", [x])));
  expect(() => written(odd, "unit")).toThrow(/Sin node .* there is no layer for this operator/);
});

/** What a model at hand is written as. */
function written(net: Classifier, pixels: PagePixels): LayersModel {
  const [, channels, height, width] = net.graph.inputs[0].shape as [unknown, number, number, number];
  return writtenLayers(net, { pixels, image: [channels, height, width] });
}

async function expectSame(net: Classifier, pixels: PagePixels, count = 3): Promise<void> {
  const { topology, weights } = written(net, pixels);
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: topology as object,
      weightSpecs: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: "float32" })),
      weightData: new Uint8Array(Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer)))).buffer,
    }),
  );
  const [, c, h, w] = net.graph.inputs[0].shape as [unknown, number, number, number];
  const draw = random(1, "pixels");
  const bytes = Uint8Array.from({ length: count * c * h * w }, () => draw.integer(256));
  const opened = await openTestable(net, [c, h, w], { threads: 1 });
  try {
    const logits = await opened.predict({
      data: Float32Array.from(bytes, (x) => x / 255),
      shape: [count, c, h, w],
    });
    const fed = Float32Array.from(bytes, (x) => (pixels === "unit" ? x / 255 : x / 127 - 1));
    const [expected, actual] = tf.tidy(() => {
      const images = tf.tensor4d(fed, [count, c, h, w]).transpose<tf.Tensor4D>([0, 2, 3, 1]);
      const rows = tf.tensor2d(logits, [count, logits.length / count]);
      const softmax = tf.softmax(rows.div(net.temperature ?? 1));
      return [softmax.dataSync(), (model.predict(images) as tf.Tensor).dataSync()];
    });
    expect(actual).toBeAllClose(expected, { rtol: 0, atol: 1e-5 });
  } finally {
    await opened.release();
    model.dispose();
  }
}

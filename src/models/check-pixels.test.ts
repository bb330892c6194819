import { describe, expect, test } from "vitest";
import { type Ends, greyModel } from "../../test/small-classifier.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { type Preprocessing, cifarCnn, checkPixels, expectationOf, importClassifier } from "./index.ts";

const vector = (g: GraphBuilder, values: readonly number[]) =>
  g.constant(float32([values.length, 1, 1], values));
const normalizedBy = (mean: readonly number[], std: readonly number[]) => (g: GraphBuilder, x: Value) =>
  g.div(g.sub(x, vector(g, mean)), vector(g, std));
const times = (factor: number) => (g: GraphBuilder, x: Value) => g.mul(x, g.scalar(factor));
const reversed = (g: GraphBuilder, x: Value) => g.gather(x, g.ints([2, 1, 0]), 1);
const then =
  (...steps: NonNullable<Ends["begin"]>[]) =>
  (g: GraphBuilder, x: Value) =>
    steps.reduce((value, step) => step(g, value), x);

const normalizedOf = (g: GraphBuilder, x: Value) => g.div(g.sub(x, g.scalar(0.45)), g.scalar(0.22));

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const inUnits = normalizedBy(imagenet.mean, imagenet.std);
const inBytes = normalizedBy([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);
const caffe = normalizedBy([103.939, 116.779, 123.68], [1, 1, 1]);

/** ImageNet's normalisation as a convolution of single pixels. */
const window = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
const shifts = imagenet.mean.map((m, c) => -m / imagenet.std[c]);
const depthwise = (g: GraphBuilder, x: Value) => {
  const weight = g.constant(
    float32(
      [3, 1, 1, 1],
      imagenet.std.map((s) => 1 / s),
    ),
  );
  return g.op1("Conv", [x, weight, g.constant(float32([3], shifts))], { ...window, group: 3 });
};
/** The same on channels in the order blue, green, red, as one matrix. */
const matrix = (g: GraphBuilder, x: Value) => {
  const [r, gr, b] = imagenet.std.map((s) => 1 / s);
  const weight = g.constant(float32([3, 3, 1, 1], [0, 0, b, 0, gr, 0, r, 0, 0]));
  return g.op1("Conv", [x, weight, g.constant(float32([3], shifts.toReversed()))], { ...window, group: 1 });
};
const mixing = (g: GraphBuilder, x: Value) =>
  g.op1("Conv", [x, g.constant(float32([3, 3, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]))], { ...window, group: 1 });

const model = (begin?: Ends["begin"], metadata: Record<string, string> = {}) =>
  importClassifier(greyModel({ begin, channels: 3 }, metadata));
const check =
  (begin: Ends["begin"], stated: Preprocessing = {}) =>
  () =>
    checkPixels(model(begin), stated, "m.onnx");

test("one grey channel made three has no order of colours", () => {
  const begin = (g: GraphBuilder, x: Value) => {
    const normalized = caffe(g, g.op1("Expand", [x, g.ints([1, 3, 1, 1])]));
    return g.mean(normalized, [1], { keep: true });
  };
  const { graph, input } = importClassifier(greyModel({ begin }));
  expect(expectationOf(graph, input)).toMatchObject({ range: 255, order: null });
});

describe("what a graph does to pixels first:", () => {
  const found = (begin?: Ends["begin"]) => {
    const { graph, input } = model(begin);
    return expectationOf(graph, input);
  };

  test("nothing", () => expect(found()).toBeNull());

  test.each<[string, NonNullable<Ends["begin"]>, object]>([
    ["mean and std", inUnits, { normalizesItself: true, range: 1, order: "rgb" }],
    [
      "the same after a Cast and an Identity",
      (g, x) => inUnits(g, g.op1("Identity", [x])),
      { normalizesItself: true },
    ],
    [
      "to [-1, 1]",
      (g, x) => g.sub(g.mul(x, g.scalar(2)), g.scalar(1)),
      { normalizesItself: true, range: 1, order: null },
    ],
    ["÷ 255", (g, x) => g.div(x, g.scalar(255)), { normalizesItself: false, range: 255 }],
    ["× 1/255, then mean and std", then(times(1 / 255), inUnits), { range: 255, order: "rgb" }],
    ["× 1/127.5 − 1", (g, x) => g.sub(g.mul(x, g.scalar(1 / 127.5)), g.scalar(1)), { range: 255 }],
    ["mean and std of bytes", inBytes, { range: 255, order: "rgb" }],
    ["Caffe's means, of bytes", caffe, { range: 255, order: "bgr" }],
    ["reversed, then Caffe's means", then(reversed, caffe), { range: 255, order: "rgb", reverses: true }],
    ["reversed, then ImageNet's", then(reversed, inUnits), { range: 1, order: "bgr", reverses: true }],
    [
      "× 255, then Caffe's means",
      then(reversed, times(255), caffe),
      { normalizesItself: true, range: 1, order: "rgb" },
    ],
    [
      "a mean and std in one row of pixels",
      (g, x) => {
        const row = normalizedOf(g, g.op1("Flatten", [x], { axis: 1 }));
        return g.op1("Reshape", [row, g.ints([-1, 3, 8, 8])]);
      },
      { normalizesItself: true, range: 1 },
    ],
    [
      "mean and std of another shape",
      (g, x) => {
        const flat = g.op1("Reshape", [x, g.ints([0, 3, -1])]);
        const mean = g.constant(float32([1, 3, 1], imagenet.mean));
        return g.op1("Reshape", [g.sub(flat, mean), g.ints([0, 3, 8, 8])]);
      },
      { normalizesItself: true, range: 1, order: "rgb" },
    ],
    [
      "the same after a Clip, a Relu and a Neg of a Neg",
      (g, x) => {
        const clipped = g.op1("Relu", [g.op1("Clip", [x, g.scalar(0), g.scalar(1)])]);
        return inUnits(g, g.neg(g.neg(clipped)));
      },
      { normalizesItself: true, range: 1, order: "rgb" },
    ],
    [
      "the same on two ways",
      (g, x) => g.add(g.op1("Relu", [inUnits(g, x)]), g.op1("Tanh", [inUnits(g, x)])),
      { normalizesItself: true, range: 1, order: "rgb" },
    ],
    ["reversed", reversed, { order: null, reverses: true, range: null }],
    [
      "Slice of step −1",
      (g, x) => g.slice(x, [{ axis: 1, start: -1, end: -4, step: -1 }]),
      { reverses: true },
    ],
    ["Split and Concat", (g, x) => g.concat(g.split(x, [1, 1, 1], 1).toReversed(), 1), { reverses: true }],
    [
      "channel by channel",
      (g, x) => {
        const channel = (c: number) => {
          const picked = g.op1("Unsqueeze", [
            g.gather(x, g.constant({ ...float32([]), dtype: "int64", data: BigInt64Array.of(BigInt(c)) }), 1),
            g.ints([1]),
          ]);
          return g.div(g.sub(picked, g.scalar(imagenet.mean[c])), g.scalar(imagenet.std[c]));
        };
        return g.concat([channel(0), channel(1), channel(2)], 1);
      },
      { normalizesItself: true, range: 1, order: "rgb" },
    ],
  ])("%s", (_, begin, expected) => expect(found(begin)).toMatchObject(expected));

  test("a convolution of single pixels that only scales, shifts and reorders channels", () => {
    expect(found(depthwise)).toMatchObject({ normalizesItself: true, range: 1, order: "rgb" });
    expect(found(matrix)).toMatchObject({ normalizesItself: true, range: 1, reverses: true });
    expect(found(mixing)).toBeNull();
    const { mean, std } = imagenet;
    expect(check(depthwise, { normalization: { mean, std } })).toThrow(/normalises/);
  });

  test("BatchNormalization first, by its statistics", () => {
    const batchNorm = (mean: number, variance: number) => (g: GraphBuilder, x: Value) => {
      const full = (name: string, value: number) => g.initializer(name, float32([3], [value, value, value]));
      const parts = [full("s", 2), full("o", 3), full("m", mean), full("v", variance)];
      return g.op1("BatchNormalization", [x, ...parts]);
    };
    expect(found(batchNorm(0.47, 0.06))).toMatchObject({ normalizesItself: true, range: 1 });
    expect(found(batchNorm(120, 3600))).toMatchObject({ range: 255 });
    expect(found(batchNorm(0, 1))?.normalizesItself ?? false).toBe(false);
    expect(found(batchNorm(0.01, 1.05))).toMatchObject({ normalizesItself: false, range: null });
  });

  test("what torchvision's Inception does to normalised images is neither", () => {
    const again = normalizedBy([-0.131, -0.196, -0.418], [2.18, 2.23, 2.22]);
    expect(found(again)).toMatchObject({ normalizesItself: false, range: null });
  });
});

describe("pixels that are not what the graph expects are refused, with what to give:", () => {
  test("bytes", () => {
    expect(check(times(1 / 255))).toThrow(/takes pixels in \[0, 255\] .*--input-range 255/);
    expect(check(times(1 / 255), { inputRange: 255 })()).toEqual([expect.stringMatching(/it takes bytes/)]);
    // The same said by mean and std.
    const said = { normalization: { mean: [0, 0, 0], std: Array<number>(3).fill(1 / 255) } };
    expect(check(times(1 / 255), said)()).toHaveLength(1);
    expect(check(times(1 / 255), { normalization: imagenet })).toThrow(/takes pixels in \[0, 255\]/);
    expect(check(inBytes, { inputRange: 255, normalization: imagenet })).toThrow(/a second time/);
  });

  test("a second normalisation", () => {
    expect(check(inUnits, { normalization: imagenet })).toThrow(
      /normalises its images by itself .* Leave them out/,
    );
    expect(check(inUnits)()).toEqual([
      expect.stringMatching(/subtracts 0.485, 0.456, 0.406 and divides by 0.229/),
    ]);
    expect(check(inUnits, { inputRange: 255 })).toThrow(/takes pixels in \[0, 1\]/);
    const own = cifarCnn(imagenet);
    expect(() => checkPixels(own, { normalization: imagenet }, "m")).toThrow(/by itself/);
    expect(checkPixels(own, {}, "m")).toEqual([]);
  });

  test("blue first", () => {
    expect(check(then(reversed, inUnits))).toThrow(/--channel-order bgr/);
    expect(check(then(reversed, inUnits), { channelOrder: "bgr" })).not.toThrow();
    expect(check(caffe, { inputRange: 255 })).toThrow(/--channel-order bgr/);
    expect(check(caffe, { inputRange: 255, channelOrder: "bgr" })).not.toThrow();
    expect(check(inUnits, { channelOrder: "bgr" })).toThrow(/red, green, blue .* Leave it out/);
    expect(check(reversed)()).toEqual([
      expect.stringMatching(/reverses the channels before its first layer; whether/),
    ]);
  });

  test("a file of which nobody says anything is noted; one that speaks is not", () => {
    expect(check(undefined)()).toEqual([expect.stringMatching(/m\.onnx does not say what its images are/)]);
    expect(check(undefined, { normalization: imagenet })()).toEqual([]);
    const none = model(undefined, { "alignreg.normalization": "none" });
    expect(checkPixels(none, {}, "m.onnx")).toEqual([]);
  });
});

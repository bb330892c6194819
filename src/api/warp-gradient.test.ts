import { describe, expect, test } from "vitest";
import { affine } from "../augment/ranges/affine.ts";
import { type Fill, fills } from "../augment/reflected.ts";
import { viewOf } from "../augment/view-of.ts";
import { slopesAt } from "../evaluate/gradient-search.ts";
import { softmax } from "../evaluate/softmax.ts";
import { buildClassifier } from "../models/classifier.ts";
import type { GraphBuilder, Value } from "../onnx/index.ts";
import { type ImageBatch, float32, pickImages, random } from "../tensor/index.ts";
import { openTestable } from "./open-testable.ts";
import { openWarpGradient } from "./warp-gradient.ts";

const [channels, height, width] = [2, 10, 14];
const weights = (...shape: number[]) => {
  const rng = random(5, "weights", ...shape);
  const size = shape.reduce((a, b) => a * b);
  return float32(
    shape,
    Float32Array.from({ length: size }, () => rng.normal() / 3),
  );
};

/** Smooth, so that differences of its loss are close to derivatives. */
const net = (classes: number) =>
  buildClassifier("smooth", [channels, height, width], (g: GraphBuilder, x: Value) => {
    const filtered = g.op1("Tanh", [
      g.op1("Conv", [x, g.initializer("w", weights(4, channels, 3, 3))], { kernel_shape: [3, 3] }),
    ]);
    const flat = g.op1("Flatten", [filtered], { axis: 1 });
    return g.matMul(flat, g.initializer("v", weights(4 * (height - 2) * (width - 2), classes)));
  });

/** Waves that are long beside a pixel. */
const waves = (n: number, [h, w]: readonly [number, number]): ImageBatch => ({
  shape: [n, channels, h, w],
  data: Float32Array.from({ length: n * channels * h * w }, (_, i) => {
    const [x, y] = [i % w, Math.floor(i / w) % h];
    const plane = Math.floor(i / (h * w));
    return 0.5 + 0.4 * Math.sin((x - w / 2) / 4 + plane) * Math.cos((y - h / 2) / 5 + plane / 2);
  }),
});

/** Ranges of warps with that outside. */
const rangesOf = (fill: Fill) => {
  const { ranges } = affine({
    rotation: [-40, 40],
    x: [-3, 3],
    y: [-3, 3],
    scale: [0.4, 1.5],
    shear: [-20, 20],
    fill,
  });
  return { ...ranges, warps: ranges.warps! };
};
const points = [
  [0.7, 0.1, 0.2, 1.02, 0.5],
  [-33, 1.3, -2.2, 0.8, 11],
  [21, -2.6, 0.4, 0.45, -17],
];
const labels = Int32Array.of(1, 0, 2);

describe.each(fills)("with %s outside", (fill) => {
  const ranges = rangesOf(fill);
  test.each([
    ["images", undefined],
    ["images with a surround", [16, 18] as const],
  ])(
    "the graph warps %s as members do, and its gradient is that of the loss by the parameters",
    async (_, around) => {
      const surround = around && waves(3, around);
      const middle = waves(3, [height, width]);
      const images: ImageBatch = surround ? { ...cutOf(surround), surround } : middle;
      const shapes = {
        shape: [channels, height, width],
        ...(around && { surround: { shape: [channels, ...around] } }),
      };
      const opened = await openTestable(net(3), shapes.shape, { mean: [0.4, 0.5], std: [0.3, 0.2] });
      // Batches of two: the last one is filled up.
      const gradient = await openWarpGradient(opened, shapes, fill, { batchSize: 2 });
      const viewed = (values: readonly (readonly number[])[]) => {
        const data = new Float32Array(middle.data.length);
        const size = data.length / 3;
        values.forEach((point, i) =>
          viewOf(ranges.at(point), pickImages(images, [i]), data.subarray(i * size, (i + 1) * size)),
        );
        return opened.predict({ data, shape: middle.shape });
      };
      const matrices = points.map(ranges.warps.inverseAffine);
      expect(await gradient.logits(images, matrices)).toBeAllClose(await viewed(points), { atol: 1e-4 });

      const by = await gradient.warpGradient(images, matrices, labels);
      const slopes = points.map((point, i) => slopesAt(ranges, point, by.subarray(6 * i)));
      const steps = [0.01, 3e-4, 3e-4, 1e-4, 0.01];
      for (let k = 0; k < 5; k++) {
        const at = async (sign: number) =>
          losses(await viewed(points.map((point) => point.with(k, point[k] + sign * steps[k]))));
        const [after, before] = [await at(1), await at(-1)];
        const numeric = after.map((loss, i) => (loss - before[i]) / (2 * steps[k]));
        // What is left is the kinks of bilinear interpolation within a step, and float32.
        const largest = Math.max(...numeric.map(Math.abs));
        expect(largest).toBeGreaterThan(1e-3);
        expect(slopes.map((each) => each[k])).toBeAllClose(numeric, { rtol: 0.02, atol: 0.01 * largest });
      }
      await gradient.release();
      await opened.release();
    },
  );
});

/** The middle of each image. */
function cutOf({ data, shape: [n, , h, w] }: ImageBatch, [height, width] = [10, 14]): ImageBatch {
  const [top, left] = [(h - height) / 2, (w - width) / 2];
  return {
    shape: [n, channels, height, width],
    data: Float32Array.from({ length: n * channels * height * width }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      return data[(Math.floor(i / (height * width)) * h + y + top) * w + x + left];
    }),
  };
}

const losses = (rows: Float32Array): number[] =>
  Array.from(labels, (label, i) => -Math.log(softmax(rows.subarray(3 * i, 3 * i + 3))[label]));

test.each([
  [1, 9, undefined],
  [5, 1, undefined],
  [1, 1, [3, 1] as const],
])("images of %d × %d pixels have finite gradients, and the members' views", async (h, w, around) => {
  const image = [channels, h, w] as const;
  const model = buildClassifier("linear", image, (g: GraphBuilder, x: Value) =>
    g.matMul(g.op1("Flatten", [x], { axis: 1 }), g.initializer("v", weights(channels * h * w, 3))),
  );
  const opened = await openTestable(model, image, {});
  const surround = around && waves(1, around);
  const images: ImageBatch = { ...(surround ? cutOf(surround, [h, w]) : waves(1, [h, w])), surround };
  for (const fill of fills) {
    const ranges = rangesOf(fill);
    const shapes = { shape: image, ...(around && { surround: { shape: [channels, ...around] } }) };
    const gradient = await openWarpGradient(opened, shapes, fill, { batchSize: 1 });
    for (const point of points) {
      const matrix = [ranges.warps.inverseAffine(point)];
      const view = { data: viewOf(ranges.at(point), images), shape: images.shape };
      expect(await gradient.logits(images, matrix)).toBeAllClose(await opened.predict(view), { atol: 1e-5 });
      const by = await gradient.warpGradient(images, matrix, Int32Array.of(1));
      expect(by.every(Number.isFinite)).toBe(true);
    }
    await gradient.release();
  }
  await opened.release();
});

test("one logit an image is that of the second of two classes", async () => {
  const image = [channels, height, width];
  const opened = await openTestable(net(1), image, {});
  const gradient = await openWarpGradient(opened, { shape: image }, "zero", { batchSize: 8 });
  const images = waves(1, [height, width]);
  const matrix = [rangesOf("zero").warps.inverseAffine([10, 0, 0, 1, 0])];
  const [zero, one] = [Int32Array.of(0), Int32Array.of(1)];
  const [first, second] = await gradient.logits(images, matrix);
  const probability = 1 / (1 + Math.exp(-second));
  expect(first).toBe(0);
  const [towards, away] = [
    await gradient.warpGradient(images, matrix, one),
    await gradient.warpGradient(images, matrix, zero),
  ];
  // d −log σ(z) = σ(z) − 1, d −log(1 − σ(z)) = σ(z)
  expect(towards[0] / away[0]).toBeCloseTo((probability - 1) / probability, 3);
  await gradient.release();
  await opened.release();
});

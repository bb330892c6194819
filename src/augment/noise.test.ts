import { describe, expect, test } from "vitest";
import { type ImageBatch, UsageError, random } from "../tensor/index.ts";
import { noise } from "./noise.ts";

const [count, imageSize] = [250, 784];
const size = count * imageSize;
const rng = random(7, "noise test");
const images: ImageBatch = {
  data: Float32Array.from({ length: size }, () => rng.uniform()),
  shape: [count, 1, 28, 28],
};

const only = (standardDeviation: number, seed?: number) =>
  noise({ standardDeviations: [standardDeviation], seed }).members[1];

/** What was added to each pixel, in standard deviations. */
function standardized(standardDeviation: number, seed?: number): Float64Array {
  const noisy = only(standardDeviation, seed).apply(images);
  return Float64Array.from(noisy, (value, i) => (value - images.data[i]) / standardDeviation);
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanProduct = (a: Float64Array, b: Float64Array) => mean(a.map((value, i) => value * b[i]));
const shareWithin = (values: Float64Array, bound: number) =>
  values.filter((value) => Math.abs(value) < bound).length / values.length;

/** Every bound below is 4 standard errors of the figure it bounds. */
const standardErrors = 4 / Math.sqrt(size);

describe.each([0.05, 0.2])("noise of standard deviation %s", (standardDeviation) => {
  const z = standardized(standardDeviation);

  test("has mean 0 and that standard deviation", () => {
    expect(Math.abs(mean(z))).toBeLessThan(standardErrors);
    expect(Math.abs(meanProduct(z, z) - 1)).toBeLessThan(Math.SQRT2 * standardErrors);
  });

  test.each([
    [0.5, 0.382925],
    [1, 0.682689],
    [2, 0.9545],
    [3, 0.9973],
  ])("is normal: within %s standard deviations lies a share of %s", (bound, share) => {
    const error = Math.sqrt(share * (1 - share)) * standardErrors;
    expect(Math.abs(shareWithin(z, bound) - share)).toBeLessThan(error);
  });

  test("is independent from pixel to pixel and from image to image", () => {
    for (const lag of [1, 2, 28, imageSize]) {
      const later = z.subarray(lag);
      expect(Math.abs(meanProduct(later, z))).toBeLessThan(standardErrors * 1.01);
    }
  });

  test("is independent of the image it is added to", () => {
    const centred = Float64Array.from(images.data, (value) => (value - 0.5) * Math.sqrt(12));
    expect(Math.abs(meanProduct(centred, z))).toBeLessThan(standardErrors);
  });
});

test("is independent between members, between seeds, and between images one bit apart", () => {
  const z = standardized(0.1);
  expect(Math.abs(meanProduct(z, standardized(0.2)))).toBeLessThan(standardErrors);
  expect(Math.abs(meanProduct(z, standardized(0.1, 1)))).toBeLessThan(standardErrors);

  const almost = images.data.slice();
  for (let start = 0; start < size; start += imageSize) almost[start] += 2 ** -20;
  const other = only(0.1).apply({ ...images, data: almost });
  const zOther = Float64Array.from(other, (value, i) => (value - almost[i]) / 0.1);
  expect(Math.abs(meanProduct(z, zOther))).toBeLessThan(standardErrors);
});

test("a member's noise does not depend on its siblings, nor on the batch", () => {
  const [first, second]: ImageBatch[] = [0, 1].map((index) => ({
    data: images.data.subarray(index * imageSize, (index + 1) * imageSize),
    shape: [1, 1, 28, 28],
  }));
  const expected = only(0.1).apply(images);
  const sibling = noise({ standardDeviations: [0.3, 0.1] }).members[2];
  expect(sibling.apply(second)).toEqual(expected.subarray(imageSize, 2 * imageSize));
  expect(sibling.apply(first)).toEqual(expected.subarray(0, imageSize));
});

test("the last of an odd number of values gets noise too", () => {
  const black: ImageBatch = { data: new Float32Array(9), shape: [1, 1, 3, 3] };
  expect(
    only(0.1)
      .apply(black)
      .every((value) => value !== 0),
  ).toBe(true);
});

test("leaves [0, 1] rather than being clamped", () => {
  const black: ImageBatch = { data: new Float32Array(imageSize), shape: [1, 1, 28, 28] };
  expect(Math.min(...only(0.1).apply(black))).toBeLessThan(-0.1);
});

test("is the same noise in every release", () => {
  const grey: ImageBatch = { data: new Float32Array(4).fill(0.5), shape: [1, 1, 2, 2] };
  expect(only(0.1).apply(grey)).toBeAllClose([0.5221652, 0.4916729, 0.2103354, 0.5139621], { atol: 1e-7 });
  expect(only(0.1, 5).apply(grey)).toBeAllClose([0.4395845, 0.5693842, 0.6774524, 0.4548857], { atol: 1e-7 });
});

test.each([0, -0.1, NaN, Infinity])("rejects a standard deviation of %s", (standardDeviation) => {
  expect(() => only(standardDeviation)).toThrow(UsageError);
});

test.each([0.5, NaN, 2 ** 53])("rejects seed %s", (seed) => {
  expect(() => only(0.1, seed)).toThrow(/The seed of "noise σ 0.1" is .*Give an integer/);
});

import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { curved } from "./curve.ts";
import { plainResample, resampling } from "./resampling.ts";
import { plainSaturation } from "./saturation.ts";
import { linear, plainLinear, simdResample, simdSaturation, simdWarp } from "./values-simd.ts";
import { warpTaps } from "./warp-taps.ts";
import { applyFour } from "./warp.ts";

const bits = ({ buffer }: Float32Array): Buffer => Buffer.from(buffer as ArrayBuffer);

const drawn = (length: number): Float32Array => {
  const rng = random(3, length);
  return Float32Array.from({ length }, () => 1.2 * rng.uniform() - 0.1);
};

describe("WebAssembly has the bits of JavaScript", () => {
  test.each([1, 3, 4, 1001, 40_000])("scaled and clipped, %d values", (length) => {
    const values = drawn(length).map((value, i) => value * 2 ** (i % 5 === 0 ? -30 : 0));
    for (const [scale, offset, limits] of [
      [0.3, 0.1, [0, 1]],
      [-1.7, 0.25, [-Infinity, Infinity]],
      // In single precision.
      [-0.25, 0.25, [-Infinity, Infinity]],
      [-1, 1, [-Infinity, Infinity]],
      [1, 0, [0, 1]],
      [Math.fround(0.3), 0, [0, 0.25]],
      // All but.
      [Math.fround(0.3), 0.5, [0, 1]],
      [0.5, 0.1, [0, 1]],
    ] as const) {
      const [fast, plain] = [new Float32Array(length), new Float32Array(length)];
      linear(values, fast, scale, offset, limits);
      plainLinear(values, plain, scale, offset, limits);
      expect(bits(fast).equals(bits(plain))).toBe(true);
    }
  });

  test.each([
    [3, 1, 1],
    [2, 1, 3],
    [1, 200, 131],
    [40, 8, 9],
  ])("saturation, %d images of %d×%d", (n, height, width) => {
    const data = drawn(3 * n * height * width);
    const [fast, plain] = [new Float32Array(data.length), new Float32Array(data.length)];
    expect(simdSaturation(data, height * width, 1.6, fast)).toBe(true);
    plainSaturation(1.6)({ data, shape: [n, 3, height, width] }, plain);
    expect(bits(fast).equals(bits(plain))).toBe(true);
  });

  test.each([
    [1, 1],
    [28, 28],
    [40, 130],
  ])("warps of %d×%d", (height, width) => {
    const planes = drawn(50 * height * width);
    const taps = warpTaps([0.8, -0.5, 1.3, 0.5, 0.8, -0.2], height, width);
    const [fast, plain] = [planes.slice(), new Float32Array(planes.length)];
    expect(simdWarp(taps, planes, 50, fast)).toBe(true);
    applyFour(taps, planes, 50, plain);
    expect(bits(fast).equals(bits(plain))).toBe(true);
  });

  test.each([0.4, 1.7])("resampling by %d", (factor) => {
    for (const [height, width] of [
      [1, 1],
      [9, 33],
      [200, 131],
    ]) {
      const planes = drawn(5 * height * width);
      const [across, down] = [width, height].map((length) =>
        resampling(length, Math.max(1, Math.round(length / factor)), "zero", "bicubic"),
      );
      const [fast, plain] = [new Float32Array(planes.length), new Float32Array(planes.length)];
      expect(simdResample(planes, { height, width }, across, down, fast)).toBe(true);
      plainResample(planes, { height, width }, across, down, plain);
      expect(bits(fast).equals(bits(plain))).toBe(true);
    }
  });
});

test("a curve of bytes by a table is the curve, and so it is of what is no byte", () => {
  const square = curved((value) => value * value);
  const bytes = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  // Parts of bytes alone, parts of others alone, and one of both.
  const values = Float32Array.from([...bytes, ...drawn(20_003), 0.3, 1, 0, 2, -1, NaN]);
  const made = new Float32Array(values.length);
  square(values, made);
  const wanted = values.map((value) => Math.min(Math.max(value, 0), 1) * Math.min(Math.max(value, 0), 1));
  expect(bits(made).equals(bits(wanted))).toBe(true);
});

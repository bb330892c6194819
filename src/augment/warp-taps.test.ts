import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { inverseRotation } from "./rotation.ts";
import { warpTaps } from "./warp-taps.ts";
import { warp } from "./warp.ts";

describe("warpTaps", () => {
  test("of the identity matrix copies every pixel", () => {
    const taps = warpTaps([1, 0, 0, 0, 1, 0], 2, 3);
    expect([...taps.targets]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...taps.sources].filter((_, i) => i % 4 === 0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...taps.weights]).toEqual([0, 1, 2, 3, 4, 5].flatMap(() => [1, 0, 0, 0]));
  });

  test("of a quarter-pixel shift interpolates, and weighs taps outside as zero", () => {
    const taps = warpTaps([1, 0, 0.25, 0, 1, 0], 1, 2);
    expect([...taps.targets]).toEqual([0, 1]);
    expect([...taps.weights]).toEqual([0.75, 0.25, 0, 0, 0.75, 0, 0, 0]);
    expect([...taps.sources.subarray(0, 2)]).toEqual([0, 1]);
  });

  test("leaves out pixels that see nothing of the source", () => {
    expect([...warpTaps([1, 0, 2, 0, 1, 0], 1, 3).targets]).toEqual([0]);
    expect(warpTaps([1, 0, 3, 0, 1, 0], 1, 3).targets).toHaveLength(0);
  });

  test("read as a sparse matrix gives what warp gives", () => {
    const matrix = inverseRotation(33);
    const rng = random(3);
    const image = Float32Array.from({ length: 63 }, () => rng.uniform());
    const expected = new Float32Array(63);
    const taps = warpTaps(matrix, 9, 7);
    taps.targets.forEach((target, i) => {
      for (let j = 4 * i; j < 4 * i + 4; j++) expected[target] += taps.weights[j] * image[taps.sources[j]];
    });
    expect(warp(matrix)({ data: image, shape: [1, 1, 9, 7] })).toBeAllClose(expected, { atol: 1e-6 });
  });
});

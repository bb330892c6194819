import { describe, expect, test } from "vitest";
import { type ImageBatch, UsageError, random } from "../tensor/index.ts";
import { cutout } from "./cutout.ts";

const [count, channels, height, width] = [4000, 2, 10, 14];
const imageSize = channels * height * width;
const rng = random(8, "cutout test");
// Never zero, so that a zero is a cut.
const images: ImageBatch = {
  data: Float32Array.from({ length: count * imageSize }, () => 0.25 + rng.uniform() / 2),
  shape: [count, channels, height, width],
};

const only = (share: number, seed?: number) => cutout({ shares: [share], seed }).members[1];

interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly zeros: number;
}

/** Of each plane [N·C] the smallest box around its zeros, `bottom` and `right` excluded, and their number. */
function boxes(views: Float32Array): Box[] {
  return Array.from({ length: count * channels }, (_, plane) => {
    const box = { top: height, left: width, bottom: 0, right: 0, zeros: 0 };
    for (let i = 0; i < height * width; i++) {
      if (views[plane * height * width + i] !== 0) continue;
      const [y, x] = [Math.floor(i / width), i % width];
      box.top = Math.min(box.top, y);
      box.left = Math.min(box.left, x);
      box.bottom = Math.max(box.bottom, y + 1);
      box.right = Math.max(box.right, x + 1);
      box.zeros++;
    }
    return box;
  });
}

describe("a cut of side 3", () => {
  const views = only(0.3).apply(images);
  const cuts = boxes(views);
  const firstChannels = cuts.filter((_, plane) => plane % channels === 0);

  test("is a full square, smaller only at the border", () => {
    // A cut whose centre is on the border loses the row beyond it.
    const isSide = (first: number, end: number, length: number) =>
      end - first === 3 || (end - first === 2 && (first === 0 || end === length));
    const strange = cuts.filter(
      ({ top, left, bottom, right, zeros }) =>
        zeros !== (bottom - top) * (right - left) ||
        !isSide(top, bottom, height) ||
        !isSide(left, right, width),
    );
    expect(strange).toEqual([]);
  });

  test("is the same in every channel, and nothing else changes", () => {
    const secondChannels = cuts.filter((_, plane) => plane % channels === 1);
    expect(secondChannels).toEqual(firstChannels);
    expect(views.every((value, i) => value === 0 || value === images.data[i])).toBe(true);
  });

  test("has its centre at every pixel with the same chance", () => {
    const counts = new Float64Array(height * width);
    for (const { top, left, bottom, right } of firstChannels) {
      const [y, x] = [top === 0 ? bottom - 2 : top + 1, left === 0 ? right - 2 : left + 1];
      counts[y * width + x]++;
    }
    const expected = count / counts.length;
    const chiSquare = counts.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0);
    // χ² of 139 degrees of freedom: mean 139, standard deviation 16.7; four of them to either side
    expect(Math.abs(chiSquare - 139)).toBeLessThan(67);
  });
});

test("members, and seeds, cut places independent of each other", () => {
  const tops = (share: number, seed?: number) =>
    standardized(boxes(only(share, seed).apply(images)).map(({ top }) => top));
  const [a, ...others] = [tops(0.3), tops(0.1), tops(0.3, 1)];
  for (const b of others) {
    const correlation = mean(a.map((value, plane) => value * b[plane]));
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(count));
  }
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** With mean 0 and variance 1. */
function standardized(values: readonly number[]): number[] {
  const centre = mean(values);
  const centred = values.map((value) => value - centre);
  const deviation = Math.sqrt(mean(centred.map((value) => value ** 2)));
  return centred.map((value) => value / deviation);
}

test("an image's cut does not depend on its batch", () => {
  const last: ImageBatch = { data: images.data.subarray(-imageSize), shape: [1, channels, height, width] };
  expect(only(0.4).apply(last)).toEqual(only(0.4).apply(images).subarray(-imageSize));
});

test("cuts the same place in every release", () => {
  const data = Float32Array.from({ length: 25 }, (_, i) => (i + 1) / 25);
  const view = only(0.4).apply({ data, shape: [1, 1, 5, 5] });
  expect([...view.keys()].filter((i) => view[i] === 0)).toEqual([2, 3]);
});

test("a side is one pixel at least; a whole share cuts up to the shorter side", () => {
  const zeros = (share: number) => boxes(only(share).apply(images)).map((box) => box.zeros);
  expect(new Set(zeros(0.001))).toEqual(new Set([1]));
  expect(Math.max(...zeros(1))).toBe(100);
});

test.each([0, -0.5, 1.01, NaN])("rejects a share of %s", (share) => {
  expect(() => only(share)).toThrow(UsageError);
});

test("rejects a seed that is not an integer", () => {
  expect(() => only(0.5, 1.5)).toThrow(UsageError);
});

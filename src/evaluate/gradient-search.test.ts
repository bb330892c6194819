import { describe, expect, test } from "vitest";
import { affine } from "../augment/ranges/affine.ts";
import { ranged } from "../augment/ranges/ranged.ts";
import type { InverseAffine } from "../augment/source-map.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { type FollowedRanges, type WarpGradient, searchByGradient, slopesAt } from "./gradient-search.ts";
import type { LabelledImages } from "./labelled-images.ts";

const shape = [1, 9, 9] as const;
/** A vertical line, its place and brightness different from image to image. */
const images = Float32Array.from({ length: 4 * 81 }, (_, i) => {
  const image = Math.floor(i / 81);
  return i % 9 === 4 ? [0.5, 0.8, 0.9, 1][image] : 0;
});
const data: LabelledImages = {
  shape,
  labels: Int32Array.of(1, 1, 1, 0),
  classes: 2,
  read(indices, out) {
    Array.from(indices).forEach((index, i) => out.set(images.subarray(81 * index, 81 * index + 81), 81 * i));
    return Promise.resolve();
  },
};
const ranges = affine({ x: [-4, 4], y: [-1, 1] }).ranges as FollowedRanges;
const how = { starts: 1, steps: 8, stepSize: 0.2, seed: 3 };

/** Class 1 where less than 0.6 of light is in the two columns on the right. */
function classify({ data: pixels, shape: [n] }: ImageBatch): Promise<Float32Array> {
  const logits = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    let light = 0;
    for (let k = 0; k < 81; k++) if (k % 9 > 6) light += pixels[81 * i + k];
    logits.set([light, 9 * 0.6], 2 * i);
  }
  return Promise.resolve(logits);
}
/** Of a loss that rises as the picture moves to the right: the map's third number is the way back. */
const toTheRight: WarpGradient = (_, matrices) =>
  Promise.resolve(Float64Array.from(matrices.flatMap(() => [0, 0, -1, 0, 0, 0])));

describe("a search by gradients", () => {
  const search = async (gradient: WarpGradient, options = {}, more = {}) => {
    const clean = await classify({ data: images, shape: [4, ...shape] });
    return searchByGradient(classify, gradient, data, ranges, clean, { ...how, ...more }, options);
  };

  test("goes where the loss rises, and breaks what members break", async () => {
    const found = await search(toTheRight);
    // The line of image 0 is too dark anywhere; image 3 is wrong as it is.
    expect(Array.from(found.correct)).toEqual([1, 0, 0, 0]);
    expect(found.worst[3]).toBeUndefined();
    for (const image of [1, 2]) {
      const [x] = found.worst[image]!;
      expect(x).toBeGreaterThan(2);
      const view = ranges.at(found.worst[image]!).apply({
        data: images.subarray(81 * image, 81 * image + 81),
        shape: [1, ...shape],
      });
      const logits = await classify({ data: view, shape: [1, ...shape] });
      expect(found.logits.subarray(2 * image, 2 * image + 2)).toEqual(logits);
      expect(logits[0]).toBeGreaterThan(logits[1]);
    }
    // Along the other way image 1 is right, however far.
    const left: WarpGradient = async (...of) => (await toTheRight(...of)).map((value) => -value);
    expect((await search(left)).correct[1]).toBe(1);
  });

  test("tests an image no further that is wrong, or stays where it is", async () => {
    let gradients = 0;
    const counted: WarpGradient = (of, matrices, labels) => {
      gradients += matrices.length;
      return toTheRight(of, matrices, labels);
    };
    const found = await search(counted);
    expect(found.gradients).toBe(gradients);
    // Image 0 goes to the end of the range, of which it is at most 8 steps; one more gradient says that it is there.
    expect(found.views).toBeLessThan(3 * (how.steps + 1));
    const flat: WarpGradient = (_, matrices) => Promise.resolve(new Float64Array(6 * matrices.length));
    const still = await search(flat, {}, { starts: 2 });
    // Where two starts break nothing, they are all that is seen.
    expect(still.views).toBeLessThanOrEqual(6);
    expect(still.gradients).toBeLessThanOrEqual(6);
    const nan: WarpGradient = (_, matrices) =>
      Promise.resolve(new Float64Array(6 * matrices.length).fill(NaN));
    expect((await search(nan, {}, { starts: 2 })).correct).toEqual(still.correct);
  });

  test("does not depend on the batch size, and follows from the seed", async () => {
    const found = await search(toTheRight);
    for (const batchSize of [1, 2, 3]) expect(await search(toTheRight, { batchSize })).toEqual(found);
    expect((await search(toTheRight, {}, { seed: 4 })).worst).not.toEqual(found.worst);
  });

  test("stays within the ranges", async () => {
    const visited: InverseAffine[] = [];
    const seen: WarpGradient = (of, matrices, labels) => {
      visited.push(...matrices);
      return toTheRight(of, matrices, labels);
    };
    await search(seen, {}, { starts: 3, stepSize: 1 });
    expect(visited.length).toBeGreaterThan(4);
    for (const [, , tx, , , ty] of visited) {
      expect(Math.abs(tx)).toBeLessThanOrEqual(4);
      expect(Math.abs(ty)).toBeLessThanOrEqual(1);
    }
  });

  test("says how far it is, and stops when it is told to", async () => {
    const told: number[] = [];
    await search(toTheRight, { onProgress: (done: number) => told.push(done) }, { starts: 2 });
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBe(4 * 2 * 9);
    const stopped = search(toTheRight, { signal: AbortSignal.abort(new Error("enough")) });
    await expect(stopped).rejects.toThrow("enough");
  });
});

test("the chain rule through an angle, and one-sided at an end of the range", () => {
  const rotation = ranged("rotation", { range: [-30, 30] }).ranges as FollowedRanges;
  // The map is [cos, −sin, 0, sin, cos, 0].
  for (const degrees of [-30, -7, 30]) {
    const radians = (degrees * Math.PI) / 180;
    const [da, db] = [-Math.sin(radians), -Math.cos(radians)].map((value) => (value * Math.PI) / 180);
    const [slope] = slopesAt(rotation, [degrees], [2, 3, 9, 0, 0, 9]);
    // One-sided differences are right to the step, 6e-4°.
    expect(slope).toBeCloseTo(2 * da + 3 * db, Math.abs(degrees) === 30 ? 5 : 10);
  }
});

test("affine warps have a map to follow, and say what lies outside and how they read", () => {
  expect(affine().ranges.warps).toMatchObject({ fill: "zero", interpolation: "bilinear" });
  expect(affine({ fill: "edge" }).ranges.warps).toMatchObject({ fill: "edge", interpolation: "bilinear" });
  const of = (...args: Parameters<typeof ranged>) =>
    ranged(...args)
      .ranges.warps?.inverseAffine([0.5])
      .map((value) => value + 0);
  expect(of("scale", { range: [0.4, 2] })).toEqual([2, 0, 0, 0, 2, 0]);
  expect(of("shear", { range: [-30, 30] })?.[1]).toBeCloseTo(Math.tan(Math.PI / 360), 12);
  const mirrored = ranged("rotation", { range: [-30, 30], fill: "reflect", interpolation: "nearest" });
  expect(mirrored.ranges.warps).toMatchObject({ fill: "reflect", interpolation: "nearest" });
  expect(of("contrast", { range: [0.2, 0.9] })).toBeUndefined();
});

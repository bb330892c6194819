import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { floats } from "../../../test/image-fixture.ts";
import type { ImageBatch } from "../../tensor/index.ts";
import { familyFromSpec } from "../family-spec.ts";
import { type MnistCorruptionName, mnistCorruptionNames, mnistCorruptions } from "./index.ts";

interface Fixture {
  readonly digits: string;
  readonly cases: readonly {
    readonly digit: number;
    readonly member: string;
    readonly views: readonly string[];
  }[];
}

/** Made by tools/fixtures/mnist_corruptions.py with scikit-image. */
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../test/fixtures/mnist-corruptions.json"), "utf8"),
) as Fixture;
const pixels = Float32Array.from(Buffer.from(fixture.digits, "base64"), (byte) => byte / 255);
const digit = (i: number): ImageBatch => ({
  data: pixels.subarray(784 * i, 784 * (i + 1)),
  shape: [1, 1, 28, 28],
});
const viewOf = (name: MnistCorruptionName, image: ImageBatch, seed = 0) =>
  mnistCorruptions({ names: [name], seed }).members[1].apply(image);

test.each(fixture.cases)(
  "$member of digit $digit is scikit-image's, of either sign",
  ({ digit: i, member, views }) => {
    const [name] = member.split(" ");
    const distance = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, value, j) => Math.max(most, Math.abs(value - b[j])), 0);
    const met = new Set<number>();
    for (let seed = 0; seed < (views.length === 1 ? 1 : 24); seed++) {
      const made = viewOf(name as MnistCorruptionName, digit(i), seed);
      const apart = views.map((view) => distance(made, floats(view)));
      expect(Math.min(...apart)).toBeLessThan(1e-5);
      met.add(apart.indexOf(Math.min(...apart)));
    }
    expect(met.size).toBe(views.length);
  },
);

describe("what is drawn over a digit", () => {
  const black: ImageBatch = { data: new Float32Array(784), shape: [1, 1, 28, 28] };
  const columnsOf = (view: Float32Array) =>
    Array.from({ length: 28 }, (_, x) => Array.from({ length: 28 }, (_, y) => view[28 * y + x]));

  test("are stripes of a quarter on each side", () => {
    const columns = columnsOf(viewOf("stripe", black));
    expect(columns.map((column) => column[5])).toEqual([
      ...Array<number>(7).fill(1),
      ...Array<number>(14).fill(0),
      ...Array<number>(7).fill(1),
    ]);
  });

  test("are dots two wide, two apart, along a line of one height each column", () => {
    const columns = columnsOf(viewOf("dotted_line", black));
    const lit = columns.map((column) => column.some((value) => value > 0));
    expect(lit.slice(0, 27)).toEqual(Array.from({ length: 27 }, (_, x) => Math.floor(x / 2) % 2 === 1));
    expect(lit[27]).toBe(false);
  });

  test("is a zigzag from the left to the right, in rows of its own for each image", () => {
    const views = Array.from({ length: 40 }, (_, seed) => viewOf("zigzag", black, seed));
    // Faint where it is steep, and out of sight where a point of it lies above or below.
    let dark = 0;
    for (const view of views) {
      const lit = columnsOf(view).map((column) => column.some((value) => value > 0.5));
      expect(lit[0]).toBe(false);
      const inside = lit.slice(2, 24);
      expect(inside.filter((isLit) => isLit).length).toBeGreaterThan(11);
      dark += inside.filter((isLit) => !isLit).length;
    }
    expect(dark / (40 * 22)).toBeLessThan(0.1);
    expect(new Set(views.map(String)).size).toBeGreaterThan(20);
  });
});

test("the set has MNIST-C's fifteen at their severities, and takes images of any size", () => {
  expect(
    mnistCorruptions()
      .members.slice(1)
      .map(({ name }) => name),
  ).toEqual([
    "shot_noise severity 5",
    "impulse_noise severity 4",
    "glass_blur severity 1",
    "motion_blur severity 1",
    "shear severity 2",
    "scale severity 3",
    "rotate severity 2",
    "brightness severity 5",
    "translate severity 3",
    "stripe severity 1",
    "fog severity 5",
    "spatter severity 4",
    "dotted_line severity 1",
    "zigzag severity 1",
    "canny_edges severity 1",
  ]);
  for (const shape of [
    [1, 1, 1, 1],
    [1, 3, 5, 40],
    [1, 1, 64, 64],
  ] as const) {
    const data = Float32Array.from({ length: shape[1] * shape[2] * shape[3] }, (_, i) => (i % 7) / 7);
    for (const member of mnistCorruptions().members) {
      expect(member.apply({ data, shape }).every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  }
});

test("corruptions are named in text", () => {
  expect(familyFromSpec("corruptions-mnist/zigzag").members).toHaveLength(2);
  expect(familyFromSpec("corruptions-mnist:names=fog,stripe,seed=3").members).toHaveLength(3);
  expect(mnistCorruptionNames).toHaveLength(15);
  expect(() => familyFromSpec("corruptions-mnist/snow")).toThrow(/a list of: shot_noise, /);
  expect(() => familyFromSpec("corruptions-mnist:3")).toThrow(/takes no list of values/);
});

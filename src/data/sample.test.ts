import { describe, expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { sample } from "./sample.ts";
import { proportionalShares, strata } from "./strata.ts";

/** Images of one pixel, which tells the class by its tens and the image of the class by its ones. */
function photos(classes: Record<string, number>, classNames = Object.keys(classes)): Dataset {
  const names = Object.keys(classes);
  const order = classNames.flatMap((name) => new Array<string>(classes[name]).fill(name));
  const seen: Record<string, number> = {};
  return datasetFromArrays({
    name: "photos/test",
    shape: [1, 1, 1],
    pixels: order.map((name) => (20 * names.indexOf(name) + (seen[name] = (seen[name] ?? -1) + 1)) % 256),
    labels: order.map((name) => classNames.indexOf(name)),
    classNames,
  });
}

const four = { ant: 20, bee: 20, cat: 20, dog: 20 };
const countsOf = ({ labels, classNames }: Dataset) =>
  classNames.map((_, label) => labels.filter((each) => each === label).length);

describe("sample", () => {
  test("has as many of each class, and says so", () => {
    const drawn = sample(photos(four), 20);
    expect(countsOf(drawn)).toEqual([5, 5, 5, 5]);
    expect(drawn.notes).toEqual(["photos/test: using 20 of 80 images: 5 of each of 4 classes."]);
    expect(drawn.name).toBe("photos/test, sample of 20");
  });

  test("is in proportion, names the counts where they differ, and has one of each class where it can", () => {
    const drawn = sample(photos({ ant: 60, bee: 19, cat: 1 }), 20);
    expect(countsOf(drawn)).toEqual([14, 5, 1]);
    expect(drawn.notes).toEqual(["photos/test: using 20 of 80 images: ant: 14, bee: 5, cat: 1."]);
    expect(countsOf(sample(photos({ ant: 60, bee: 19, cat: 1 }), 3))).toEqual([1, 1, 1]);
  });

  test("with fewer images than classes has as many classes, and says which", () => {
    const drawn = sample(photos(four), 2);
    expect(countsOf(drawn).filter((count) => count === 1)).toHaveLength(2);
    expect(drawn.notes![0]).toMatch(/using 2 of 80 images: ant: [01], bee: [01], cat: [01], dog: [01]\.$/);
  });

  test("of long lists names the first dozen classes", () => {
    const classes = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`c${i}`, i < 2 ? 4 : 3]));
    expect(sample(photos(classes), 16).notes![0]).toMatch(/c0: [12], .*, c11: 1 and 3 more\.$/);
  });

  test("is set by its seed, and in the order of the data set", () => {
    const whole = photos(four);
    const drawn = sample(whole, 20, 7);
    expect(sample(whole, 20, 7).hash).toBe(drawn.hash);
    expect(sample(whole, 20, 8).hash).not.toBe(drawn.hash);
    expect([...drawn.pixels]).toEqual([...drawn.pixels].sort((a, b) => a - b));
  });

  test("has the same images when classes are named or ordered in another way", () => {
    const images = (data: Dataset) => [...data.pixels].sort((a, b) => a - b);
    const drawn = images(sample(photos(four), 20));
    expect(images(sample(photos(four, ["dog", "cat", "ant", "bee"]), 20))).toEqual(drawn);
    expect(images(sample(photos({ zebra: 20, yak: 20, wasp: 20, vole: 20 }), 20))).toEqual(drawn);
  });

  test("draws of a class without regard to the others", () => {
    const ants = (data: Dataset) => [...data.pixels].filter((pixel) => pixel < 20);
    const few = sample(photos({ ant: 20, bee: 20 }), 20);
    const many = sample(photos({ ant: 20, bee: 60 }), 40);
    expect(ants(few)).toHaveLength(10);
    expect(ants(many)).toEqual(ants(few));
  });

  test("is the data set itself when that has no more", () => {
    const whole = photos(four);
    for (const count of [80, 99, Infinity]) expect(sample(whole, count)).toBe(whole);
  });

  test("of a part of the classes is of those", () => {
    const labels = Int32Array.from({ length: 10 }, () => 1);
    const whole = datasetFromArrays({
      ...{ name: "a", shape: [1, 1, 1], pixels: new Uint8Array(10), labels },
      classNames: ["ant", "bee"],
    });
    expect(sample(whole, 4).notes).toEqual(["a: using 4 of 10 images: 4 of the class bee."]);
  });

  test.each([0, 1.5, -1, NaN])("of %s images is refused", (count) => {
    expect(() => sample(photos(four), count)).toThrow(UsageError);
  });

  test.each([-1, 0.5, NaN])("with seed %s is refused", (seed) => {
    expect(() => sample(photos(four), 4, seed)).toThrow(UsageError);
  });
});

describe("strata", () => {
  const { labels } = photos({ ant: 30, bee: 10 });

  test("are disjoint, and a later part leaves the earlier ones as they are", () => {
    const [train, validation] = strata(labels, [20, 12], 3);
    expect(new Set([...train, ...validation]).size).toBe(32);
    expect(strata(labels, [20], 3)[0]).toEqual(train);
    expect(strata(labels, [20, 20], 3)[0]).toEqual(train);
    expect([...validation].filter((i) => labels[i] === 0)).toHaveLength(9);
  });

  test("may have no samples, and none when there are too few", () => {
    expect(strata(labels, [40, 0], 0).map((part) => part.length)).toEqual([40, 0]);
    expect(() => strata(labels, [40, 1], 0)).toThrow(/41 samples cannot be drawn of 40/);
  });
});

describe("proportionalShares", () => {
  test.each<[number[], number, number[]]>([
    [[90, 10], 10, [9, 1]],
    [[50, 30, 20], 7, [4, 2, 1]],
    [[1000, 1, 1, 0], 10, [8, 1, 1, 0]],
    [[5, 5, 5], 4, [2, 1, 1]],
    [[5, 5, 5], 2, [1, 1, 0]],
    [[3, 2, 1], 6, [3, 2, 1]],
    [[1, 1, 1, 97], 4, [1, 1, 1, 1]],
    [[2, 2, 2, 994], 8, [1, 1, 1, 5]],
    [[0, 0, 4], 0, [0, 0, 0]],
  ])("of %j for %i are %j", (sizes, count, shares) => {
    expect(proportionalShares(sizes, count)).toEqual(shares);
  });

  test("never exceed the sizes, and add up", () => {
    for (let count = 0; count <= 26; count++) {
      const sizes = [1, 12, 2, 7, 0, 4];
      const shares = proportionalShares(sizes, count);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(count);
      expect(shares.every((share, i) => share <= sizes[i])).toBe(true);
      if (count >= 5) expect(shares.filter((share) => share === 0)).toHaveLength(1);
    }
  });
});

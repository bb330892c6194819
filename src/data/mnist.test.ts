import { describe, expect, test } from "vitest";
import { sampleCount } from "./dataset.ts";
import { imagesAt, labelsAt } from "./gather.ts";
import { openMnist } from "./mnist.ts";

const source = await openMnist();
const mnist = { train: await source.read("train"), test: await source.read("test") };

/** Numbers of each digit as published with the data set; the mean pixel is the usual 0.1307 and 0.1325. */
const published = {
  train: {
    count: 60_000,
    digits: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    mean: 0.1307,
  },
  test: { count: 10_000, digits: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], mean: 0.1325 },
};

describe.each(["train", "test"] as const)("MNIST's %s split", (split) => {
  const dataset = mnist[split];

  test("has the published size and classes", () => {
    expect(sampleCount(dataset)).toBe(published[split].count);
    expect(dataset.shape).toEqual([1, 28, 28]);
    expect(dataset.classNames).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(dataset.name).toBe(`mnist/${split}`);
  });

  test("has the published number of each digit", () => {
    const digits = new Array<number>(10).fill(0);
    for (const label of dataset.labels) digits[label]++;
    expect(digits).toEqual(published[split].digits);
  });

  test("has the well-known mean", () => {
    let sum = 0;
    for (const pixel of dataset.pixels) sum += pixel;
    expect(sum / 255 / dataset.pixels.length).toBeCloseTo(published[split].mean, 4);
  });
});

test("the first training digit is the well-known 5", () => {
  expect(labelsAt(mnist.train, [0, 1, 2])).toEqual(BigInt64Array.of(5n, 0n, 4n));
  const { data } = imagesAt(mnist.train, [0]);
  expect([...data.subarray(5 * 28 + 12, 5 * 28 + 18)]).toEqual(
    [3, 18, 18, 18, 126, 136].map((byte) => Math.fround(byte / 255)),
  );
});

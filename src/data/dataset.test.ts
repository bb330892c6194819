import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError, random } from "../tensor/index.ts";
import { type Dataset, type DatasetArrays, datasetFromArrays, sampleCount } from "./dataset.ts";
import { imagesAt, labelsAt } from "./gather.ts";
import { split, subset, take } from "./subset.ts";

/** 5 images [1, 2, 2]; every pixel tells its sample and position. */
const arrays: DatasetArrays = {
  name: "made",
  shape: [1, 2, 2],
  pixels: Uint8Array.from({ length: 20 }, (_, i) => 10 * Math.floor(i / 4) + (i % 4)),
  labels: [0, 1, 2, 1, 0],
  classNames: ["ant", "bee", "cat"],
};
const dataset = datasetFromArrays(arrays);

/** Which samples of `dataset` another one holds, read from the pixels. */
const samplesOf = (part: Dataset) => Array.from(part.labels, (_, i) => part.pixels[4 * i] / 10);

describe("datasetFromArrays", () => {
  test("takes typed and plain arrays alike", () => {
    const plain = datasetFromArrays({ ...arrays, pixels: Array.from(arrays.pixels) });
    expect(plain.pixels).toEqual(dataset.pixels);
    expect(plain.labels).toEqual(Int32Array.of(0, 1, 2, 1, 0));
    expect(plain.hash).toBe(dataset.hash);
    expect(sampleCount(plain)).toBe(5);
  });

  test.each<[string, Partial<DatasetArrays>, new (message: string) => Error, RegExp]>([
    ["an image short", { labels: [0, 1, 2, 1] }, ShapeError, /20 pixel values; 4 images .* need 16/],
    ["no samples", { labels: [], pixels: [] }, UsageError, /no samples/],
    ["a zero side", { shape: [1, 0, 2] }, ShapeError, /image shape \[1,0,2\]/],
    ["a label too high", { labels: [0, 1, 3, 1, 0] }, UsageError, /label 3 at sample 2; with 3 classes/],
    [
      "labels from 1",
      { labels: [1, 2, 3, 1, 2] },
      UsageError,
      /label 3 at sample 2; .* count from 1: subtract 1/,
    ],
    ["a negative label but -1", { labels: [-1, -2, 0, 1, 0] }, UsageError, /label -2 at sample 1/],
    ["a fractional label", { labels: [0.5, 1, 0, 1, 0] }, UsageError, /label 0.5 at sample 0/],
    [
      "a class twice",
      { classNames: ["ant", "ant", "bee"] },
      UsageError,
      /names a class twice: ant, ant, bee/,
    ],
    ["pixels in [0, 1]", { pixels: new Float32Array(20).fill(0.25) }, UsageError, /0.25 .* by 255/],
    ["a pixel over 255", { pixels: new Array<number>(20).fill(256) }, UsageError, /pixel value 256/],
  ])("rejects %s", (_, change, error, message) => {
    const make = () => datasetFromArrays({ ...arrays, ...change });
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });
});

describe("hash", () => {
  test("is the sha256 of header, labels and pixels", () => {
    const header = '{"shape":[1,2,2],"classNames":["ant","bee","cat"],"count":5}';
    const labels = Buffer.from("0000000001000000020000000100000000000000", "hex");
    const bytes = Buffer.concat([Buffer.from(header), labels, Buffer.from(dataset.pixels)]);
    expect(dataset.hash).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  test.each<[string, Partial<DatasetArrays>]>([
    ["a pixel", { pixels: dataset.pixels.with(19, 99) }],
    ["a label", { labels: [1, 1, 2, 1, 0] }],
    ["a class name", { classNames: ["ant", "bee", "dog"] }],
    ["the shape", { shape: [1, 1, 4] }],
  ])("changes with %s", (_, change) => {
    expect(datasetFromArrays({ ...arrays, ...change }).hash).not.toBe(dataset.hash);
  });

  test("does not change with the name", () => {
    expect(datasetFromArrays({ ...arrays, name: "other" }).hash).toBe(dataset.hash);
  });
});

describe("imagesAt", () => {
  test("gives byte / 255 as float32, in the order asked for", () => {
    const { data, shape } = imagesAt(dataset, [4, 0, 4]);
    expect(shape).toEqual([3, 1, 2, 2]);
    expect([...data]).toEqual([40, 41, 42, 43, 0, 1, 2, 3, 40, 41, 42, 43].map((b) => Math.fround(b / 255)));
  });

  test("reaches 0 and 1", () => {
    const ends = datasetFromArrays({ ...arrays, shape: [1, 1, 2], pixels: [0, 255], labels: [0] });
    expect([...imagesAt(ends, [0]).data]).toEqual([0, 1]);
  });

  test("writes a given array of the right length", () => {
    const out = new Float32Array(4).fill(9);
    expect(imagesAt(dataset, [2], out).data).toBe(out);
    expect(out[0]).toBe(Math.fround(20 / 255));
    expect(() => imagesAt(dataset, [2, 3], out)).toThrow(/output has 4 values; 2 images .* need 8/);
  });

  test.each([5, -1, 0.5, NaN])("rejects index %s", (index) => {
    expect(() => imagesAt(dataset, [0, index])).toThrow(UsageError);
    expect(() => labelsAt(dataset, [index])).toThrow(`no sample ${index}. Use whole numbers from 0 to 4`);
  });
});

test("labelsAt gives int64 class indices", () => {
  expect(labelsAt(dataset, Uint32Array.of(2, 3))).toEqual(BigInt64Array.of(2n, 1n));
});

describe("take", () => {
  test("keeps the first samples", () => {
    const part = take(dataset, 2);
    expect(samplesOf(part)).toEqual([0, 1]);
    expect(part.name).toBe("made, first 2");
    expect(part.pixels).toHaveLength(8);
  });

  test("of more than there are keeps all", () => {
    expect(take(dataset, 99)).toBe(dataset);
    expect(take(dataset, Infinity)).toBe(dataset);
  });

  test.each([0, -1, 1.5, NaN])("rejects %s", (count) => {
    expect(() => take(dataset, count)).toThrow(UsageError);
  });
});

test("subset keeps the samples asked for, in that order, with their labels", () => {
  const part = subset(dataset, [3, 2, 3], "part");
  expect(samplesOf(part)).toEqual([3, 2, 3]);
  expect([...part.labels]).toEqual([1, 2, 1]);
  expect(part.name).toBe("part");
  expect(() => subset(dataset, [5], "part")).toThrow(/has no sample 5/);
});

describe("split", () => {
  test("parts are disjoint, hold everything and are shuffled", () => {
    const { train, validation } = split(dataset, 0.4, random(1));
    expect([sampleCount(train), sampleCount(validation)]).toEqual([3, 2]);
    const all = [...samplesOf(validation), ...samplesOf(train)];
    expect(all).not.toEqual([0, 1, 2, 3, 4]);
    expect(all.sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("follows the generator", () => {
    const once = split(dataset, 0.4, random(7));
    expect(split(dataset, 0.4, random(7)).train.hash).toBe(once.train.hash);
    const others = [8, 9, 10].map((seed) => split(dataset, 0.4, random(seed)).train.hash);
    expect(new Set([once.train.hash, ...others]).size).toBeGreaterThan(1);
  });

  test("keeps a sample on either side however small the fraction", () => {
    expect(sampleCount(split(dataset, 0.001, random(1)).validation)).toBe(1);
    expect(sampleCount(split(dataset, 0.999, random(1)).train)).toBe(1);
  });

  test.each([0, 1, -0.1, NaN])("rejects the fraction %s", (fraction) => {
    expect(() => split(dataset, fraction, random(1))).toThrow(UsageError);
  });
});

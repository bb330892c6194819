import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "./errors.ts";
import { loadData } from "./load.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-emnist-"));
afterAll(() => rmSync(root, { recursive: true }));

const idx = (shape: number[], data: number[]) =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length]), ...data]);

let folders = 0;
/** A folder of these files, by name. */
function folder(files: Record<string, Uint8Array>): string {
  const directory = join(root, `folder${folders++}`);
  mkdirSync(directory);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
  return directory;
}

/** A split of a set: an image [2, 3] for each label, stored by columns. */
const splitOf = (set: string, split: string, labels: number[], end = "") => ({
  [`emnist-${set}-${split}-images-idx3-ubyte${end}`]: packed(
    idx(
      [labels.length, 3, 2],
      labels.flatMap(() => [1, 4, 2, 5, 3, 6]),
    ),
    end,
  ),
  [`emnist-${set}-${split}-labels-idx1-ubyte${end}`]: packed(idx([labels.length], labels), end),
});
const packed = (bytes: Uint8Array, end: string) => (end === ".gz" ? new Uint8Array(gzipSync(bytes)) : bytes);

describe("a folder of one of EMNIST's sets", () => {
  test("of letters: labels from 1 are A … Z, images upright, both said", async () => {
    const directory = folder({
      ...splitOf("letters", "train", [1, 26, 3], ".gz"),
      ...splitOf("letters", "test", [2]),
      "emnist-letters-mapping.txt": Uint8Array.of(49),
    });
    const train = await loadData(directory, "train");
    expect(train.shape).toEqual([1, 2, 3]);
    expect([...train.pixels.subarray(0, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(train.classNames).toHaveLength(26);
    expect(Array.from(train.labels, (label) => train.classNames[label])).toEqual(["A", "Z", "C"]);
    expect(train.notes).toEqual([
      expect.stringMatching(/rows and columns exchanged; they are read upright/),
      expect.stringMatching(/labels 1 … 26 are the classes A … Z, counted from 0/),
    ]);
    expect([...(await loadData(directory, "test")).labels]).toEqual([1]);
  });

  test.each([
    ["balanced", 47, [0, 10, 36, 46], ["0", "A", "a", "t"]],
    ["bymerge", 47, [9, 35, 46], ["9", "Z", "t"]],
    ["byclass", 62, [0, 10, 36, 61], ["0", "A", "a", "z"]],
    ["digits", 10, [9], ["9"]],
    ["mnist", 10, [0], ["0"]],
  ])("%s has %i classes", async (set, classes, labels, names) => {
    const data = await loadData(folder(splitOf(set, "test", labels)), "test");
    expect(data.classNames).toHaveLength(classes);
    expect(Array.from(data.labels, (label) => data.classNames[label])).toEqual(names);
    expect(data.notes).toHaveLength(1);
  });

  test("lacks a file, has labels of none of its classes, or is two: named", async () => {
    const letters = folder(splitOf("letters", "train", [1]));
    await expect(loadData(letters, "test")).rejects.toThrow(
      /has no emnist-letters-test-images-idx3-ubyte, plain/,
    );
    const zero = folder(splitOf("letters", "train", [0]));
    await expect(loadData(zero, "train")).rejects.toThrow(DataError);
    await expect(loadData(zero, "train")).rejects.toThrow(/label 0 at sample 0; expected 1 to 26/);
    const two = folder({ ...splitOf("letters", "train", [1]), ...splitOf("digits", "train", [1]) });
    await expect(loadData(two, "train")).rejects.toThrow(/holds 2 of EMNIST's sets: digits, letters\. Put/);
  });
});

test("labels from 1 under MNIST's names are kept, and noted", async () => {
  const directory = folder({
    "train-images-idx3-ubyte": idx([3, 1, 1], [7, 8, 9]),
    "train-labels-idx1-ubyte": idx([3], [1, 2, 3]),
  });
  const { classNames, labels, notes } = await loadData(directory, "train");
  expect(classNames).toEqual(["0", "1", "2", "3"]);
  expect([...labels]).toEqual([1, 2, 3]);
  expect(notes).toEqual([
    expect.stringMatching(/labels run from 1 to 3\. .* 4 classes from 0, so there is no image of the first/),
  ]);
});

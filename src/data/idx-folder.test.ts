import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { DataError } from "./errors.ts";
import { openIdxFolder } from "./idx-folder.ts";
import type { StoredSplit } from "./source.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-idx-"));
afterAll(() => rmSync(root, { recursive: true }));

const idx = (shape: number[], data: number[]) =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length]), ...data]);

const trainImages = idx([3, 1, 2], [1, 2, 3, 4, 5, 6]);
const trainLabels = idx([3], [0, 2, 1]);
const testImages = idx([1, 1, 2], [7, 8]);
const testLabels = idx([1], [1]);

let folders = 0;
function folder(files: Record<string, Uint8Array>): string {
  const directory = join(root, `folder${folders++}`);
  mkdirSync(directory);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
  return directory;
}

const read = async (directory: string, split: StoredSplit) => (await openIdxFolder(directory))!.read(split);

describe.each<[string, Record<string, Uint8Array>]>([
  [
    "plain files",
    {
      "train-images-idx3-ubyte": trainImages,
      "train-labels-idx1-ubyte": trainLabels,
      "t10k-images-idx3-ubyte": testImages,
      "t10k-labels-idx1-ubyte": testLabels,
    },
  ],
  [
    "gzipped files",
    {
      "train-images-idx3-ubyte.gz": gzipSync(trainImages),
      "train-labels-idx1-ubyte.gz": gzipSync(trainLabels),
      "t10k-images-idx3-ubyte.gz": gzipSync(testImages),
      "t10k-labels-idx1-ubyte.gz": gzipSync(testLabels),
    },
  ],
  [
    "dotted names, some packed, some unpacked by a browser under their old name",
    {
      "train-images.idx3-ubyte": trainImages,
      "train-labels.idx1-ubyte.gz": trainLabels,
      "t10k-images.idx3-ubyte.gz": gzipSync(testImages),
      "t10k-labels.idx1-ubyte": testLabels,
    },
  ],
])("a folder of %s", (_, files) => {
  test("holds both splits", async () => {
    const directory = folder(files);
    const train = await read(directory, "train");
    expect(train.shape).toEqual([1, 1, 2]);
    expect([...train.pixels]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...train.labels]).toEqual([0, 2, 1]);
    expect(train.name).toBe(`${directory.split("/").at(-1)}/train`);
    const test = await read(directory, "test");
    expect([...test.pixels]).toEqual([7, 8]);
    expect([...test.labels]).toEqual([1]);
  });

  test("numbers its classes over both splits", async () => {
    const directory = folder(files);
    expect((await read(directory, "train")).classNames).toEqual(["0", "1", "2"]);
    expect((await read(directory, "test")).classNames).toEqual(["0", "1", "2"]);
  });
});

test("a class that only the test split has is named in both", async () => {
  const directory = folder({
    "train-images-idx3-ubyte": trainImages,
    "train-labels-idx1-ubyte": trainLabels,
    "t10k-images-idx3-ubyte": testImages,
    "t10k-labels-idx1-ubyte": idx([1], [3]),
  });
  expect((await read(directory, "train")).classNames).toEqual(["0", "1", "2", "3"]);
});

test("colour images come as planes", async () => {
  const directory = folder({
    "train-images-idx4-ubyte": idx([1, 1, 2, 3], [1, 2, 3, 11, 12, 13]),
    "train-labels-idx1-ubyte": idx([1], [0]),
  });
  const { shape, pixels } = await read(directory, "train");
  expect(shape).toEqual([3, 1, 2]);
  expect([...pixels]).toEqual([1, 11, 2, 12, 3, 13]);
});

test("a folder without IDX names is left to other readers", async () => {
  expect(await openIdxFolder(folder({ "notes.txt": Uint8Array.of(1) }))).toBeNull();
});

test("a missing split is an error only when it is asked for", async () => {
  const directory = folder({
    "t10k-images-idx3-ubyte": testImages,
    "t10k-labels-idx1-ubyte": testLabels,
  });
  expect((await read(directory, "test")).classNames).toEqual(["0", "1"]);
  await expect(read(directory, "train")).rejects.toThrow(
    "has no images for the train split: looked for train-images-idx3-ubyte, plain or .gz; found t10k-images-idx3-ubyte",
  );
});

const damaged = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at] ^ 0xff);

describe.each<[string, Record<string, Uint8Array>, RegExp]>([
  ["no labels", { "train-images-idx3-ubyte": trainImages }, /has no labels for the train split/],
  ["no images", { "train-labels-idx1-ubyte": trainLabels }, /has no images for the train split/],
  [
    "too few labels",
    { "train-images-idx3-ubyte": trainImages, "train-labels-idx1-ubyte": idx([2], [0, 1]) },
    /train-images-idx3-ubyte has 3 images and .*train-labels-idx1-ubyte has 2 labels/,
  ],
  [
    "images and labels exchanged",
    { "train-images-idx3-ubyte": trainLabels, "train-labels-idx1-ubyte": trainImages },
    /expected (images|labels) \[N/,
  ],
  [
    "a gzip file cut short",
    {
      "train-images-idx3-ubyte.gz": gzipSync(trainImages).subarray(0, -5),
      "train-labels-idx1-ubyte": trainLabels,
    },
    /train-images-idx3-ubyte\.gz is damaged: its gzip data cannot be unpacked \(.+\)\. Get the file again/,
  ],
  [
    "a gzip file with a wrong checksum",
    {
      "train-images-idx3-ubyte.gz": damaged(gzipSync(trainImages), gzipSync(trainImages).length - 6),
      "train-labels-idx1-ubyte": trainLabels,
    },
    /train-images-idx3-ubyte\.gz is damaged/,
  ],
  [
    "gzip's magic number destroyed",
    {
      "train-images-idx3-ubyte.gz": damaged(gzipSync(trainImages), 0),
      "train-labels-idx1-ubyte": trainLabels,
    },
    /train-images-idx3-ubyte\.gz is not an IDX file/,
  ],
  [
    "an images file cut short",
    {
      "train-images-idx3-ubyte": trainImages.subarray(0, -1),
      "train-labels-idx1-ubyte": trainLabels,
    },
    /train-images-idx3-ubyte is cut short/,
  ],
])("%s", (_, files, message) => {
  test("is a DataError that says so", async () => {
    const failing = read(folder(files), "train");
    await expect(failing).rejects.toThrow(DataError);
    await expect(failing).rejects.toThrow(message);
  });
});

test("a label outside the given classes is named with its sample", async () => {
  const directory = folder({
    "train-images-idx3-ubyte": trainImages,
    "train-labels-idx1-ubyte": trainLabels,
  });
  const source = (await openIdxFolder(directory, { classNames: ["no", "yes"] }))!;
  await expect(source.read("train")).rejects.toThrow(
    /train-labels-idx1-ubyte has label 2 at sample 1; expected 0 to 1, the classes no, yes/,
  );
});

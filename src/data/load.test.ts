import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../tensor/index.ts";
import { sampleCount } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { loadData } from "./load.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-load-"));
afterAll(() => rmSync(root, { recursive: true }));
const at = (...path: string[]) => join(root, ...path);

beforeAll(async () => {
  for (const name of ["idx", "empty", "unknown", "unlabelled/train", "images/train/ant"]) {
    mkdirSync(at(name), { recursive: true });
  }
  writeFileSync(
    at("idx/train-images-idx3-ubyte"),
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9),
  );
  writeFileSync(at("idx/train-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0));
  for (let i = 0; i < 10; i++) writeFileSync(at("unknown", `batch_${i}.bin`), "x");
  const png = await sharp({ create: { width: 2, height: 3, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  writeFileSync(at("images/train/ant/a.png"), png);
  writeFileSync(at("unlabelled/train/a.png"), png);
});

describe("loadData", () => {
  test("knows MNIST by name", async () => {
    expect(sampleCount(await loadData("mnist", "test"))).toBe(10_000);
  });

  test("reads a folder of IDX files", async () => {
    expect([...(await loadData(at("idx"), "train")).pixels]).toEqual([9]);
  });

  test("reads a folder of images, with its options", async () => {
    expect((await loadData(at("images"), "train")).shape).toEqual([3, 3, 2]);
    expect((await loadData(at("images"), "train", { size: 5, channels: 1 })).shape).toEqual([1, 5, 5]);
  });

  test.each(["mnist", at("idx")])("rejects image options for %s", async (source) => {
    await expect(loadData(source, "train", { size: 28, channels: undefined })).rejects.toThrow(UsageError);
    await expect(loadData(source, "train", { size: 28, channels: 1 })).rejects.toThrow(
      /has no option size or channels/,
    );
  });

  test.each<[string, string, RegExp]>([
    ["a missing path", at("nowhere"), /neither built in \(mnist, cifar10\) nor a folder that can be reached/],
    ["a property of objects", "constructor", /neither built in/],
    ["a file", at("idx/train-labels-idx1-ubyte"), /is a file. Pass the folder/],
    ["an empty folder", at("empty"), /empty is empty\. Looked for:[^]*Found: nothing/],
    ["a folder with other files", at("unknown"), /batch_0\.bin, .*batch_7\.bin, and 2 more/],
    ["images without classes", at("unlabelled"), /is not laid out as a data set[^]*Found: train\//],
  ])("names %s", async (_, path, message) => {
    await expect(loadData(path, "train")).rejects.toThrow(DataError);
    await expect(loadData(path, "train")).rejects.toThrow(message);
  });

  test("lists what it looked for", async () => {
    await expect(loadData(at("unknown"), "test")).rejects.toThrow(
      /train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte/,
    );
    await expect(loadData(at("unknown"), "test")).rejects.toThrow(
      /train\/CLASS\/ and test\/CLASS\/ with \*\.png/,
    );
  });
});

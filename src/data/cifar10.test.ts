import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dataset, sampleCount } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { loadData } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-cifar10-"));
afterAll(() => rmSync(folder, { recursive: true }));

let train: Dataset;
let test10k: Dataset;
beforeAll(async () => {
  [train, test10k] = await Promise.all([loadData("cifar10", "train"), loadData("cifar10", "test")]);
});

const IMAGE = 3072;

/** The first `count` images as one of the published binary batches. */
function batchOf({ labels, pixels }: Dataset, start: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * (IMAGE + 1));
  for (let i = 0; i < count; i++) {
    bytes[i * (IMAGE + 1)] = labels[start + i];
    bytes.set(pixels.subarray((start + i) * IMAGE, (start + i + 1) * IMAGE), i * (IMAGE + 1) + 1);
  }
  return bytes;
}

describe("the package's images", () => {
  test("are as many as published, as many of each class", () => {
    for (const [data, each] of [
      [train, 5000],
      [test10k, 1000],
    ] as const) {
      expect(data.shape).toEqual([3, 32, 32]);
      expect(sampleCount(data)).toBe(10 * each);
      const counts = new Array<number>(10).fill(0);
      for (const label of data.labels) counts[label]++;
      expect(counts).toEqual(new Array(10).fill(each));
    }
  });

  test("have the mean and standard deviation of each channel that everybody normalises by", () => {
    const sums = [0, 0, 0];
    const squares = [0, 0, 0];
    for (let i = 0; i < train.pixels.length; i++) {
      const channel = Math.floor(i / 1024) % 3;
      sums[channel] += train.pixels[i];
      squares[channel] += train.pixels[i] ** 2;
    }
    const count = train.pixels.length / 3;
    const mean = sums.map((sum) => sum / count / 255);
    const std = squares.map((square, c) => Math.sqrt(square / count / 255 ** 2 - mean[c] ** 2));
    expect(mean).toBeAllClose([0.4914, 0.4822, 0.4465], { atol: 5e-5 });
    expect(std).toBeAllClose([0.247, 0.2435, 0.2616], { atol: 5e-5 });
  });

  test("are in the published order: a cat, two ships, an airplane and two frogs lead the test set", () => {
    expect(Array.from(test10k.labels.subarray(0, 8), (label) => test10k.classNames[label])).toEqual(
      ["cat", "ship", "ship", "airplane", "frog", "frog", "automobile", "frog"], // prettier-ignore
    );
  });
});

describe("the published binary batches", () => {
  test("give the same data set", async () => {
    for (let i = 1; i <= 5; i++)
      writeFileSync(join(folder, `data_batch_${i}.bin`), batchOf(train, 40 * i, 40));
    writeFileSync(join(folder, "test_batch.bin"), batchOf(test10k, 0, 30));
    const read = await loadData(folder, "train");
    expect(sampleCount(read)).toBe(200);
    expect(read.classNames).toEqual(train.classNames);
    expect(Array.from(read.labels)).toEqual(Array.from(train.labels.subarray(40, 240)));
    expect(Buffer.from(read.pixels).equals(train.pixels.subarray(40 * IMAGE, 240 * IMAGE))).toBe(true);
    expect(sampleCount(await loadData(folder, "test"))).toBe(30);
  });

  test("a missing or a cut-off batch is named", async () => {
    rmSync(join(folder, "data_batch_4.bin"));
    await expect(loadData(folder, "train")).rejects.toThrow(
      /lacks data_batch_4\.bin of CIFAR-10's train split/,
    );
    writeFileSync(join(folder, "test_batch.bin"), new Uint8Array(3072));
    await expect(loadData(folder, "test")).rejects.toThrow(DataError);
    await expect(loadData(folder, "test")).rejects.toThrow(/test_batch\.bin has 3072 bytes.*records of 3073/);
  });
});

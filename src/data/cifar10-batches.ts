/**
 * CIFAR-10 as published, in binary batches: records of a label byte and 3·1024 bytes, the red plane, then green and blue.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html, "binary version".
 */
import { basename, join, resolve } from "node:path";
import { cifar10ClassNames, cifar10Shape } from "./cifar10.ts";
import { type Dataset, datasetFromArrays } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { listFolder } from "./folder-listing.ts";
import { readBytes } from "./read-bytes.ts";
import type { DataSource, StoredSplit } from "./source.ts";

const IMAGE = 3072;
const RECORD = 1 + IMAGE;

const batches = {
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ["test_batch.bin"],
} satisfies Record<StoredSplit, string[]>;

/** What the files are called, for messages. */
export const cifar10BatchNames = "data_batch_1.bin … data_batch_5.bin, test_batch.bin";

/** Opens a folder of CIFAR-10's binary batches; null when it holds none of them. */
export async function openCifar10Batches(directory: string): Promise<DataSource<StoredSplit> | null> {
  const { files } = await listFolder(directory);
  if (![...batches.train, ...batches.test].some((file) => files.includes(file))) return null;
  const name = basename(resolve(directory));
  const isThere = (split: StoredSplit) => batches[split].some((file) => files.includes(file));
  return {
    splits: (["train", "test"] as const).filter(isThere),
    async read(split) {
      const missing = batches[split].filter((file) => !files.includes(file));
      if (missing.length > 0) {
        throw new DataError(
          `${directory} lacks ${missing.join(", ")} of CIFAR-10's ${split} split. Add them, or ask for the other one.`,
        );
      }
      const paths = batches[split].map((file) => join(directory, file));
      const parts = await Promise.all(paths.map(async (path) => ({ path, bytes: await readBytes(path) })));
      return joined(`${name}/${split}`, parts);
    },
  };
}

function joined(name: string, parts: readonly { path: string; bytes: Uint8Array }[]): Dataset {
  const wrong = parts.find(({ bytes }) => bytes.length === 0 || bytes.length % RECORD !== 0);
  if (wrong) {
    throw new DataError(
      `${wrong.path} has ${wrong.bytes.length} bytes, which are no whole records of ${RECORD}. It is cut off, or another ` +
        `file: CIFAR-100 has two labels a record. Get it again.`,
    );
  }
  const count = parts.reduce((sum, { bytes }) => sum + bytes.length / RECORD, 0);
  const labels = new Int32Array(count);
  const pixels = new Uint8Array(count * IMAGE);
  let sample = 0;
  for (const { bytes } of parts) {
    for (let start = 0; start < bytes.length; start += RECORD, sample++) {
      labels[sample] = bytes[start];
      pixels.set(bytes.subarray(start + 1, start + RECORD), sample * IMAGE);
    }
  }
  return datasetFromArrays({ name, shape: cifar10Shape, pixels, labels, classNames: cifar10ClassNames });
}

import { checkString, refuse } from "../options/index.ts";
import { type Random, UsageError, random, sizeOf } from "../tensor/index.ts";
import { type Dataset, datasetFromArrays, sampleCount } from "./dataset.ts";
import { checkDataset } from "./check-dataset.ts";
import { checkIndices } from "./gather.ts";

/** The samples at `indices`, in that order, copied; an index may occur more than once. */
export function subset(dataset: Dataset, indices: ArrayLike<number>, name: string): Dataset {
  checkDataset("subset", "data", dataset);
  checkIndices(dataset, indices, "subset");
  checkString("subset", "name", name);
  const { shape, classNames, notes, isUnsplit } = dataset;
  const imageSize = sizeOf(shape);
  const pixels = new Uint8Array(indices.length * imageSize);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * imageSize;
    pixels.set(dataset.pixels.subarray(from, from + imageSize), i * imageSize);
  }
  const labels = Int32Array.from({ length: indices.length }, (_, i) => dataset.labels[indices[i]]);
  return datasetFromArrays({ name, shape, pixels, labels, classNames, notes, isUnsplit });
}

/**
 * The first `count` samples, in order, not copied; all of them when there are fewer, so `Infinity` takes all. Data sets are
 * often sorted by class: {@link sample} draws from all classes.
 */
export function take(dataset: Dataset, count: number): Dataset {
  checkDataset("take", "data", dataset);
  if (typeof count !== "number") refuse("take", "count", count, "a whole number");
  if (!((Number.isInteger(count) || count === Infinity) && count >= 1)) {
    throw new UsageError(`Cannot take ${count} samples of "${dataset.name}". Give a whole number from 1.`);
  }
  if (count >= sampleCount(dataset)) return dataset;
  const { shape, classNames, notes, isUnsplit } = dataset;
  return datasetFromArrays({
    name: `${dataset.name}, first ${count}`,
    shape,
    pixels: dataset.pixels.subarray(0, count * sizeOf(shape)),
    labels: dataset.labels.subarray(0, count),
    classNames,
    notes,
    isUnsplit,
  });
}

/**
 * Two disjoint random parts that together hold every sample.
 *
 * @param fraction  share of the validation part, in (0, 1); its size is rounded to whole samples, at least 1 each
 * @param rng       decides the parts; a whole number is a seed
 */
export function split(
  dataset: Dataset,
  fraction: number,
  rng: Random | number,
): { train: Dataset; validation: Dataset } {
  checkDataset("split", "data", dataset);
  if (typeof fraction !== "number") refuse("split", "fraction", fraction, "a number between 0 and 1");
  if (typeof rng !== "number" && typeof (rng as Partial<Random> | null)?.permutation !== "function") {
    refuse("split", "rng", rng, "a seed, or a stream of random numbers");
  }
  const count = sampleCount(dataset);
  if (!(fraction > 0 && fraction < 1) || count < 2) {
    throw new UsageError(
      `Cannot split ${fraction} of the ${count} samples of "${dataset.name}" off for validation. ` +
        `Give a fraction between 0 and 1, and a data set of two or more samples.`,
    );
  }
  const validationCount = Math.min(Math.max(Math.round(count * fraction), 1), count - 1);
  const order = (typeof rng === "number" ? random(seedOf(rng), "split") : rng).permutation(count);
  return {
    train: subset(dataset, order.subarray(validationCount), `${dataset.name}, training part`),
    validation: subset(dataset, order.subarray(0, validationCount), `${dataset.name}, validation part`),
  };
}

function seedOf(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new UsageError(`Cannot split by the seed ${seed}. Give a whole number of at least 0.`);
}

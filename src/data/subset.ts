import { checkString, refuse, shown } from "../options/index.ts";
import { type Random, UsageError, random, sizeOf } from "../tensor/index.ts";
import { checkSource, isDataset } from "./check-dataset.ts";
import { type Dataset, datasetFromArrays, sampleCount } from "./dataset.ts";
import { checkIndices } from "./gather.ts";
import type { ImageSource } from "./image-source.ts";
import { type PartFacts, sourceSubset } from "./source-subset.ts";

/**
 * The samples at `indices`, in that order; an index may occur more than once. Of a data set in memory the bytes are copied; of
 * another source it is a list of indices.
 */
export function subset(data: Dataset, indices: ArrayLike<number>, name: string): Dataset;
export function subset(data: ImageSource, indices: ArrayLike<number>, name: string): ImageSource;
export function subset(data: ImageSource, indices: ArrayLike<number>, name: string): ImageSource {
  checkSource("subset", "data", data);
  checkIndices(data, indices, "subset");
  checkString("subset", "name", name);
  return partOf(data, indices, { name, notes: data.notes });
}

/** A part of checked data, in memory where the whole is. */
export function partOf<Data extends ImageSource>(
  data: Data,
  indices: ArrayLike<number>,
  facts: PartFacts,
): Data;
export function partOf(data: ImageSource, indices: ArrayLike<number>, facts: PartFacts): ImageSource {
  return isDataset(data) ? copied(data, indices, facts) : sourceSubset(data, indices, facts);
}

function copied(dataset: Dataset, indices: ArrayLike<number>, { name, notes }: PartFacts): Dataset {
  const { shape, classNames, isUnsplit, pictures } = dataset;
  const imageSize = sizeOf(shape);
  const pixels = new Uint8Array(indices.length * imageSize);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i] * imageSize;
    pixels.set(dataset.pixels.subarray(from, from + imageSize), i * imageSize);
  }
  const labels = Int32Array.from({ length: indices.length }, (_, i) => dataset.labels[indices[i]]);
  const files = dataset.files && Array.from(indices, (index) => dataset.files![index]);
  return datasetFromArrays({ name, shape, pixels, labels, classNames, files, notes, isUnsplit, pictures });
}

/**
 * The first `count` samples, in order, not copied; all of them when there are fewer, so `Infinity` takes all. Data sets are
 * often sorted by class: {@link sample} draws from all classes.
 */
export function take(data: Dataset, count: number): Dataset;
export function take(data: ImageSource, count: number): ImageSource;
export function take(data: ImageSource, count: number): ImageSource {
  checkSource("take", "data", data);
  if (typeof count !== "number") refuse("take", "count", count, "a whole number");
  if (!((Number.isInteger(count) || count === Infinity) && count >= 1)) {
    throw new UsageError(
      `Cannot take ${shown(count)} samples of "${data.name}". Give a whole number from 1.`,
    );
  }
  if (count >= sampleCount(data)) return data;
  const { shape, classNames, notes, isUnsplit, pictures } = data;
  const name = `${data.name}, first ${count}`;
  if (!isDataset(data)) {
    return sourceSubset(
      data,
      Uint32Array.from({ length: count }, (_, i) => i),
      { name, notes },
    );
  }
  return datasetFromArrays({
    name,
    shape,
    pixels: data.pixels.subarray(0, count * sizeOf(shape)),
    labels: data.labels.subarray(0, count),
    classNames,
    files: data.files?.slice(0, count),
    notes,
    isUnsplit,
    pictures,
  });
}

interface Parts<Data> {
  train: Data;
  validation: Data;
}

/**
 * Two disjoint random parts that together hold every sample.
 *
 * @param fraction  share of the validation part, in (0, 1); its size is rounded to whole samples, at least 1 each
 * @param rng       decides the parts; a whole number is a seed
 */
export function split(data: Dataset, fraction: number, rng: Random | number): Parts<Dataset>;
export function split(data: ImageSource, fraction: number, rng: Random | number): Parts<ImageSource>;
export function split(data: ImageSource, fraction: number, rng: Random | number): Parts<ImageSource> {
  checkSource("split", "data", data);
  if (typeof fraction !== "number") refuse("split", "fraction", fraction, "a number between 0 and 1");
  if (typeof rng !== "number" && typeof (rng as Partial<Random> | null)?.permutation !== "function") {
    refuse("split", "rng", rng, "a seed, or a stream of random numbers");
  }
  const count = sampleCount(data);
  if (!(fraction > 0 && fraction < 1) || count < 2) {
    throw new UsageError(
      `Cannot split ${fraction} of the ${count} samples of "${data.name}" off for validation. ` +
        `Give a fraction between 0 and 1, and a data set of two or more samples.`,
    );
  }
  const validationCount = Math.min(Math.max(Math.round(count * fraction), 1), count - 1);
  const order = (typeof rng === "number" ? random(seedOf(rng), "split") : rng).permutation(count);
  return {
    train: subset(data, order.subarray(validationCount), `${data.name}, training part`),
    validation: subset(data, order.subarray(0, validationCount), `${data.name}, validation part`),
  };
}

function seedOf(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new UsageError(`Cannot split by the seed ${shown(seed)}. Give a whole number of at least 0.`);
}

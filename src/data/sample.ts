import { UsageError } from "../tensor/index.ts";
import { classCounts, describeCounts } from "./class-counts.ts";
import { type Dataset, datasetFromArrays, sampleCount } from "./dataset.ts";
import { strata } from "./strata.ts";
import { subset } from "./subset.ts";

/**
 * A stratified random sample: of each class in proportion, as near as whole numbers come, and of each at least one image
 * while `count` allows; in the order of the data set. Its notes say how many of each class it has. All samples when there
 * are no more than `count`, so `Infinity` takes all.
 *
 * @param count  a whole number from 1, or Infinity
 * @param seed   equal seeds draw equal samples (default 0)
 */
export function sample(dataset: Dataset, count: number, seed = 0): Dataset {
  if (!((Number.isInteger(count) || count === Infinity) && count >= 1)) {
    throw new UsageError(`Cannot draw ${count} samples of "${dataset.name}". Give a whole number from 1.`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`The seed of a sample cannot be ${seed}. Give a whole number from 0.`);
  }
  if (count >= sampleCount(dataset)) return dataset;
  const [indices] = strata(dataset.labels, [count], seed);
  return samplePart(dataset, indices, `${dataset.name}, sample of ${count}`);
}

/** The samples at `indices`, with a note of how many of each class they are. */
export function samplePart(dataset: Dataset, indices: Uint32Array, name: string): Dataset {
  const part = subset(dataset, indices, name);
  const note = sampleNote(dataset, part);
  return datasetFromArrays({ ...arraysOf(part), notes: [...(dataset.notes ?? []), note] });
}

/** As in "photos/test: using 20 of 80 images: 5 of each of 4 classes." */
function sampleNote(whole: Dataset, part: Dataset): string {
  const counts = classCounts(part);
  const ofWhole = classCounts(whole);
  const present = whole.classNames.flatMap((name, i) => (ofWhole[i] > 0 ? [[name, counts[i]] as const] : []));
  return `${whole.name}: using ${sampleCount(part)} of ${sampleCount(whole)} images: ${describeCounts(present)}.`;
}

/** Without the hash, which is computed when it is read. */
const arraysOf = ({ name, shape, pixels, labels, classNames, isUnsplit }: Dataset) => ({
  name,
  shape,
  pixels,
  labels,
  classNames,
  isUnsplit,
});

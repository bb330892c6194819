import { shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { classCounts, describeCounts } from "./class-counts.ts";
import { type Dataset, sampleCount } from "./dataset.ts";
import type { ImageSource } from "./image-source.ts";
import { strata } from "./strata.ts";
import { partOf } from "./subset.ts";

/**
 * A stratified random sample: of each class in proportion, as near as whole numbers come, and of each at least one image
 * while `count` allows; in the order of the data set. Its notes say how many of each class it has. All samples when there
 * are no more than `count`, so `Infinity` takes all.
 *
 * @param count  a whole number from 1, or Infinity
 * @param seed   equal seeds draw equal samples (default 0)
 */
export function sample(data: Dataset, count: number, seed?: number): Dataset;
export function sample(data: ImageSource, count: number, seed?: number): ImageSource;
export function sample(data: ImageSource, count: number, seed = 0): ImageSource {
  if (!((Number.isInteger(count) || count === Infinity) && count >= 1)) {
    throw new UsageError(
      `Cannot draw ${shown(count)} samples of "${data.name}". Give a whole number from 1.`,
    );
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`The seed of a sample cannot be ${shown(seed)}. Give a whole number from 0.`);
  }
  if (count >= sampleCount(data)) return data;
  const [indices] = strata(data.labels, [count], seed);
  return samplePart(data, indices, `${data.name}, sample of ${count}`);
}

/** The samples at `indices`, with a note of how many of each class they are. */
export function samplePart<Data extends ImageSource>(data: Data, indices: Uint32Array, name: string): Data {
  const labels = Int32Array.from(indices, (index) => data.labels[index]);
  const note = sampleNote(data, labels);
  return partOf(data, indices, { name, notes: [...(data.notes ?? []), note] });
}

/** As in "photos/test: using 20 of 80 images: 5 of each of 4 classes." */
function sampleNote(whole: ImageSource, labels: Int32Array): string {
  const counts = classCounts({ labels, classNames: whole.classNames });
  const ofWhole = classCounts(whole);
  const present = whole.classNames.flatMap((name, i) => (ofWhole[i] > 0 ? [[name, counts[i]] as const] : []));
  return `${whole.name}: using ${labels.length} of ${sampleCount(whole)} images: ${describeCounts(present)}.`;
}

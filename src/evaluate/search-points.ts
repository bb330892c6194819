import { readBatch } from "../tensor/middle.ts";
import { sizeOf } from "../tensor/shape.ts";
import { batchImages } from "./batch-images.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { Predict } from "./predict-members.ts";
import { type FoundByImage, type ImageBlock, type PointList, searchBlock } from "./search-block.ts";

export interface SearchPointsOptions {
  /** Images per call of `predict`. Default 50, or fewer where so many have more than 8 MiB. */
  readonly batchSize?: number;
  /** Called after each batch with how many of the N·P answers are known. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops between two calls of `predict`: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Others that search blocks, several at a time: processes. */
export interface SharedSearch {
  /** Blocks that are searched at the same time. */
  readonly jobs: number;
  /** As {@link searchBlock}, with batches of its own. */
  readonly search: (block: ImageBlock, onProgress: (done: number) => void) => Promise<FoundByImage>;
  /** Ends what is searched at the moment: one block has failed. */
  readonly stop: () => void;
}

/** Bytes of images that are gone through with all transforms before the next ones are read, all jobs together. */
export const BLOCK_BYTES = 128 * 2 ** 20;
/** Blocks for each of several that search: the last ones are ready within a sixteenth of the time of each other. */
const BLOCKS_EACH = 16;

/**
 * Whether each image is right under all transforms: one that is wrong is tested no further, and those that are left fill
 * whole batches. The answer is that of predicting every view, and depends neither on the batch size nor on who searches.
 *
 * @param points  the transforms, in the order in which they are tried
 * @param clean   logits of the images as they are, [N, K]
 * @param shared  who searches in place of `predict`
 */
export async function searchPoints(
  predict: Predict,
  data: LabelledImages,
  points: PointList,
  clean: Float32Array,
  {
    batchSize = batchImages(data.shape),
    onProgress,
    signal,
    shared,
  }: SearchPointsOptions & { readonly shared?: SharedSearch } = {},
): Promise<FoundByImage> {
  const { labels, classes } = data;
  const samples = labels.length;
  const { jobs, search, stop }: SharedSearch = shared ?? {
    jobs: 1,
    search: (block, told) => searchBlock(predict, block, points, { batchSize, onProgress: told, signal }),
    stop: () => {},
  };
  const most = Math.max(1, Math.floor(BLOCK_BYTES / jobs / (4 * sizeOf((data.surround ?? data).shape))));
  const inBlock = jobs === 1 ? most : Math.min(most, Math.ceil(samples / (jobs * BLOCKS_EACH)));
  const all = {
    correct: new Uint8Array(samples),
    brokenBy: new Int32Array(samples),
    worst: new Int32Array(samples),
    logits: new Float32Array(samples * classes),
  };
  let views = 0;
  let told = 0;
  let next = 0;

  const read = async (first: number, count: number): Promise<ImageBlock> => {
    const images = await readBatch(data, range(first, count));
    const after = Math.min(inBlock, samples - first - count);
    if (after > 0) data.readAhead?.(range(first + count, after));
    return {
      images,
      first,
      labels: labels.slice(first, first + count),
      clean: clean.slice(first * classes, (first + count) * classes),
      classes,
    };
  };
  // One after the other, as they lie in files.
  let reading: Promise<unknown> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  const searchNext = async (): Promise<void> => {
    const first = next;
    const count = Math.min(inBlock, samples - first);
    next += count;
    const reads = reading.then(() => read(first, count));
    reading = reads.catch(() => {});
    const block = await reads;
    // While it was read another one may have failed, or whoever waits may have had enough.
    signal?.throwIfAborted();
    if (failure) return;
    let known = 0;
    const tell = (done: number) => {
      told += done - known;
      known = done;
      onProgress?.(told, samples * points.length);
    };
    const found = await search(block, tell);
    if (known < count * points.length) tell(count * points.length);
    all.correct.set(found.correct, first);
    all.brokenBy.set(found.brokenBy, first);
    all.worst.set(found.worst, first);
    all.logits.set(found.logits, first * classes);
    views += found.views;
  };
  const searchAll = async (): Promise<void> => {
    try {
      while (next < samples && !failure) {
        signal?.throwIfAborted();
        await searchNext();
      }
    } catch (error) {
      // The others' are its consequence.
      if (failure) return;
      failure = { error };
      stop();
    }
  };
  await Promise.all(Array.from({ length: jobs }, searchAll));
  if (failure) throw failure.error;
  return { ...all, views };
}

const range = (first: number, count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => first + i);

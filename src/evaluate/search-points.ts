import type { Transform } from "../augment/family.ts";
import { viewOf } from "../augment/view-of.ts";
import { pickImages, readBatch } from "../tensor/middle.ts";
import { sizeOf } from "../tensor/shape.ts";
import { batchImages } from "./batch-images.ts";
import { checkLogits, findings } from "./findings.ts";
import type { LabelledImages } from "./labelled-images.ts";
import type { Predict } from "./predict-members.ts";

/** What a search among transforms found about each image. */
export interface FoundByImage {
  /** Whether the image is right as it is and under every transform, [N]. */
  readonly correct: Uint8Array;
  /** The first transform, in the order tried, under which it is wrong; −1 where none is known, [N]. */
  readonly brokenBy: Int32Array;
  /**
   * The worst view that was predicted: that one, else the one with the lowest margin (the label's logit minus the largest of
   * the others); −1 for the image as it is, [N].
   */
  readonly worst: Int32Array;
  /** Logits of that worst view, [N, K]. */
  readonly logits: Float32Array;
  /** Views that were predicted. */
  readonly views: number;
}

export interface SearchPointsOptions {
  /** Images per call of `predict`. Default 500, or fewer where so many have more than 32 MiB. */
  readonly batchSize?: number;
  /** Called after each batch with how many of the N·P answers are known. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops between two calls of `predict`: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Bytes of images that are gone through with all transforms before the next ones are read. */
export const BLOCK_BYTES = 128 * 2 ** 20;
/** Milliseconds after which whoever wants to stop is let say so. */
const PAUSE = 100;

/**
 * Whether each image is right under all transforms: one that is wrong is tested no further, and those that are left fill
 * whole batches. The answer is that of predicting every view, and does not depend on the batch size.
 *
 * @param transformAt  each of them, in the order in which they are tried; made when it is needed
 * @param clean        logits of the images as they are, [N, K]
 */
export async function searchPoints(
  predict: Predict,
  data: LabelledImages,
  transformAt: (point: number) => Transform,
  points: number,
  clean: Float32Array,
  { batchSize = batchImages(data.shape), onProgress, signal }: SearchPointsOptions = {},
): Promise<FoundByImage> {
  const { labels, classes, shape } = data;
  const samples = labels.length;
  const imageSize = sizeOf(shape);
  const found = findings(clean, labels, classes);
  const { correct } = found;
  const brokenBy = new Int32Array(samples).fill(-1);
  const worst = new Int32Array(samples).fill(-1);
  const inBlock = Math.max(1, Math.floor(BLOCK_BYTES / (4 * sizeOf((data.surround ?? data).shape))));
  // The runtime reads one while the next is made.
  const buffers = [new Float32Array(0), new Float32Array(0)];
  let views = 0;
  let pausedAt = performance.now();

  /** Predicts a batch and writes down what is wrong in it. */
  async function settle({ images, of, data: pixels }: Batch): Promise<void> {
    const rows = await predict({ data: pixels, shape: [images.length, ...shape] });
    checkLogits(rows, images, classes, (row) => transformAt(of[row]).name);
    views += images.length;
    for (let row = 0; row < images.length; row++) {
      const image = images[row];
      if (!found.take(image, rows, row)) continue;
      worst[image] = of[row];
      if (correct[image] === 0) brokenBy[image] = of[row];
    }
  }

  for (let start = 0; start < samples; start += inBlock) {
    const count = Math.min(inBlock, samples - start);
    const indices = Int32Array.from({ length: count }, (_, i) => start + i);
    const block = await readBatch(data, indices);
    const next = Math.min(inBlock, samples - start - count);
    if (next > 0) data.readAhead?.(Int32Array.from({ length: next }, (_, i) => start + count + i));
    const isRight = (image: number) => correct[image] === 1;
    let left = indices.filter(isRight);
    let point = 0;
    let done = 0;
    let turn = 0;
    let member: Transform | null = null;

    /** The next images under the next transforms, as many as go into a batch; null when all are through. */
    const compose = (): Batch | null => {
      const images: number[] = [];
      const of: number[] = [];
      turn = 1 - turn;
      if (buffers[turn].length < batchSize * imageSize)
        buffers[turn] = new Float32Array(batchSize * imageSize);
      while (images.length < batchSize) {
        if (done === left.length) {
          if (++point >= points) break;
          left = left.filter(isRight);
          if (left.length === 0) break;
          [done, member] = [0, null];
        }
        member ??= transformAt(point);
        const taken = left.subarray(done, done + batchSize - images.length);
        const out = buffers[turn].subarray(
          images.length * imageSize,
          (images.length + taken.length) * imageSize,
        );
        const places = taken.map((image) => image - start);
        viewOf(member, pickImages(block, places), out);
        images.push(...taken);
        of.push(...taken.map(() => point));
        done += taken.length;
      }
      if (images.length === 0) return null;
      return { images, of, data: buffers[turn].subarray(0, images.length * imageSize) };
    };

    let running: Promise<void> | null = null;
    try {
      while (left.length > 0 && points > 0) {
        // Few images come round while their last answer is still awaited.
        if (left.length < 2 * batchSize) {
          await running;
          running = null;
        }
        const batch = compose();
        await running;
        if (signal && performance.now() - pausedAt > PAUSE) {
          await new Promise((resolve) => setTimeout(resolve));
          pausedAt = performance.now();
        }
        signal?.throwIfAborted();
        if (batch === null) break;
        running = settle(batch);
        // Awaited above; until then a failure is nobody's.
        running.catch(() => {});
        // Lets the runtime begin before the next batch is made.
        for (let i = 0; i < 4; i++) await Promise.resolve();
        onProgress?.(start * points + Math.min(point, points) * count, samples * points);
      }
      await running;
    } finally {
      await running?.catch(() => {});
    }
    onProgress?.((start + count) * points, samples * points);
  }
  return { correct, brokenBy, worst, logits: found.logits, views };
}

interface Batch {
  /** Indices of the images, … */
  readonly images: readonly number[];
  /** … and of the transforms that each is under. */
  readonly of: readonly number[];
  readonly data: Float32Array;
}

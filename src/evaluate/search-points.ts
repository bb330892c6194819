import type { Transform } from "../augment/family.ts";
import { viewOf } from "../augment/view-of.ts";
import { UsageError } from "../tensor/errors.ts";
import { pickImages, readBatch } from "../tensor/middle.ts";
import { sizeOf } from "../tensor/shape.ts";
import { argmax, correctness } from "./accuracy.ts";
import { batchImages } from "./batch-images.ts";
import { NonFiniteError } from "./errors.ts";
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
const BLOCK_BYTES = 128 * 2 ** 20;
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
  const correct = correctness(clean, labels, classes);
  const brokenBy = new Int32Array(samples).fill(-1);
  const worst = new Int32Array(samples).fill(-1);
  const logits = clean.slice();
  const margins = Float64Array.from(labels, (label, i) => marginOf(clean, i * classes, classes, label));
  const inBlock = Math.max(1, Math.floor(BLOCK_BYTES / (4 * sizeOf((data.surround ?? data).shape))));
  // The runtime reads one while the next is made.
  const buffers = [new Float32Array(0), new Float32Array(0)];
  let views = 0;
  let pausedAt = performance.now();

  /** Predicts a batch and writes down what is wrong in it. */
  async function settle({ images, of, data: pixels }: Batch): Promise<void> {
    const rows = await predict({ data: pixels, shape: [images.length, ...shape] });
    if (rows.length !== images.length * classes) {
      throw new UsageError(
        `predict returned ${rows.length} numbers for ${images.length} images; expected [${images.length}, ${classes}]. ` +
          `Return one row of ${classes} logits per image.`,
      );
    }
    views += images.length;
    const bad = rows.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      const row = Math.floor(bad / classes);
      throw new NonFiniteError("logits", transformAt(of[row]).name, images[row], rows[bad]);
    }
    for (let row = 0; row < images.length; row++) {
      const image = images[row];
      const answer = argmax(rows, row * classes, classes);
      if (correct[image] === 0) continue;
      const margin = marginOf(rows, row * classes, classes, labels[image]);
      const isRight = answer === labels[image];
      if (isRight && margin >= margins[image]) continue;
      if (!isRight) {
        correct[image] = 0;
        brokenBy[image] = of[row];
      }
      margins[image] = margin;
      worst[image] = of[row];
      logits.set(rows.subarray(row * classes, (row + 1) * classes), image * classes);
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
  return { correct, brokenBy, worst, logits, views };
}

/** The label's logit minus the largest of the others; 0 where there is one class. */
function marginOf(rows: Float32Array, offset: number, classes: number, label: number): number {
  let other = -Infinity;
  for (let k = 0; k < classes; k++) {
    if (k !== label && rows[offset + k] > other) other = rows[offset + k];
  }
  return classes === 1 ? 0 : rows[offset + label] - other;
}

interface Batch {
  /** Indices of the images, … */
  readonly images: readonly number[];
  /** … and of the transforms that each is under. */
  readonly of: readonly number[];
  readonly data: Float32Array;
}

/** A search among transforms of images that are in memory: one that is wrong is tested no further. */
import type { Transform } from "../augment/family.ts";
import { viewOf } from "../augment/view-of.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { moveToFront, partOfImages } from "../tensor/middle.ts";
import { sizeOf } from "../tensor/shape.ts";
import { checkLogits, findings } from "./findings.ts";
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

/** Images that are gone through with all transforms before the next ones are read. */
export interface ImageBlock {
  /** The search moves them about as it goes. */
  readonly images: ImageBatch;
  /** The place of the first of them in the data. */
  readonly first: number;
  /** [n] */
  readonly labels: Int32Array;
  /** Logits of the images as they are, [n, K]. */
  readonly clean: Float32Array;
  readonly classes: number;
}

/** Transforms in the order in which they are tried, made when they are needed. */
export interface PointList {
  readonly length: number;
  at(point: number): Transform;
}

export interface SearchBlockOptions {
  /** Images per call of `predict`. */
  readonly batchSize: number;
  /** Called after each batch with how many of the n·P answers are known. */
  readonly onProgress?: (done: number) => void;
  /** Stops between two calls of `predict`: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Milliseconds after which whoever wants to stop is let say so. */
const PAUSE = 100;

/**
 * Those that are left fill whole batches, under several transforms where they are few. The answer is that of predicting every
 * view, and does not depend on the batch size.
 */
export async function searchBlock(
  predict: Predict,
  { images, first, labels, clean, classes }: ImageBlock,
  points: PointList,
  { batchSize, onProgress, signal }: SearchBlockOptions,
): Promise<FoundByImage> {
  const [count, ...shape] = images.shape;
  const imageSize = sizeOf(shape);
  const found = findings(clean, labels, classes);
  const { correct } = found;
  const brokenBy = new Int32Array(count).fill(-1);
  const worst = new Int32Array(count).fill(-1);
  const capacity = Math.min(batchSize, count * points.length) * imageSize;
  // The runtime reads one while the next is made.
  const buffers = [new Float32Array(capacity), new Float32Array(capacity)];
  /** Those that are right so far, which `images` has in this order at its front. */
  let left = Int32Array.from({ length: count }, (_, i) => i);
  const leaveOutWrong = () => {
    const places = Int32Array.from(left.keys()).filter((place) => correct[left[place]] === 1);
    if (places.length === left.length) return;
    moveToFront(images, places);
    left = Int32Array.from(places, (place) => left[place]);
  };
  leaveOutWrong();
  let views = 0;
  let point = 0;
  let done = 0;
  let turn = 0;
  let member: Transform | null = null;
  let pausedAt = performance.now();

  /** Predicts a batch and writes down what is wrong in it. */
  async function settle({ images, of, data }: Batch): Promise<void> {
    const rows = await predict({ data, shape: [images.length, ...shape] });
    const inData = images.map((image) => first + image);
    checkLogits(rows, inData, classes, (row) => points.at(of[row]).name);
    views += images.length;
    for (let row = 0; row < images.length; row++) {
      const image = images[row];
      if (!found.take(image, rows, row)) continue;
      worst[image] = of[row];
      if (correct[image] === 0) brokenBy[image] = of[row];
    }
  }

  /** The next images under the next transforms, as many as go into a batch; null when all are through. */
  function compose(): Batch | null {
    const taken: number[] = [];
    const of: number[] = [];
    turn = 1 - turn;
    while (taken.length < batchSize) {
      if (done === left.length) {
        if (++point >= points.length) break;
        leaveOutWrong();
        if (left.length === 0) break;
        [done, member] = [0, null];
      }
      member ??= points.at(point);
      const next = left.subarray(done, done + batchSize - taken.length);
      const out = buffers[turn].subarray(taken.length * imageSize, (taken.length + next.length) * imageSize);
      viewOf(member, partOfImages(images, done, done + next.length), out);
      for (const image of next) {
        taken.push(image);
        of.push(point);
      }
      done += next.length;
    }
    if (taken.length === 0) return null;
    return { images: taken, of, data: buffers[turn].subarray(0, taken.length * imageSize) };
  }

  let running: Promise<void> | null = null;
  try {
    while (left.length > 0 && points.length > 0) {
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
      onProgress?.(Math.min(point, points.length) * count);
    }
    await running;
  } finally {
    await running?.catch(() => {});
  }
  onProgress?.(count * points.length);
  return { correct, brokenBy, worst, logits: found.logits, views };
}

interface Batch {
  /** Places of the images in the block, … */
  readonly images: readonly number[];
  /** … and of the transforms that each is under. */
  readonly of: readonly number[];
  readonly data: Float32Array;
}

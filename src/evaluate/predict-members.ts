import type { TransformFamily } from "../augment/family.ts";
import type { ImageSource } from "../augment/views.ts";
import { ShapeError, UsageError } from "../tensor/errors.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { sizeOf } from "../tensor/shape.ts";
import { NonFiniteError } from "./errors.ts";
import type { InvarianceOptions } from "./invariance.ts";
import { type Predictions, checkLabels } from "./predictions.ts";
import { type Scores, scorePredictions } from "./procedure.ts";

/** Any classifier: images [n, C, H, W] in [0, 1] to logits [n, K], row-major. Called for one batch at a time. */
export type Predict = (images: ImageBatch) => Promise<Float32Array>;

/** A labelled test set of N images. */
export interface LabelledImages extends ImageSource {
  /** Class indices, [N]. */
  readonly labels: Int32Array;
  /** Number of classes, K. */
  readonly classes: number;
}

export interface PredictOptions {
  /** Images per call of `predict`. Default 500. */
  readonly batchSize?: number;
  /** Called after each batch with the number of images predicted so far, of N·|A|. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The logits of every test image under every member of a family, in batches.
 *
 * Only one batch of views is held at a time; the logits take N·|A|·K floats.
 *
 * @throws UsageError      no samples, or a batch size below 1
 * @throws ShapeError      logits of the wrong length
 * @throws LabelError      a label outside 0 … K − 1
 * @throws NonFiniteError  NaN or infinity in the logits, as soon as they appear
 */
export async function predictMembers(
  predict: Predict,
  data: LabelledImages,
  family: Pick<TransformFamily, "members">,
  { batchSize = 500, onProgress }: PredictOptions = {},
): Promise<Predictions> {
  const { labels, classes, imageShape } = data;
  const samples = labels.length;
  if (samples === 0) {
    throw new UsageError("There are no samples to test on. Pass a test set with at least one image.");
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UsageError(`batchSize is ${batchSize}. Pass a whole number of images, 1 or more.`);
  }
  checkLabels(labels, classes);

  const logits = family.members.map(() => new Float32Array(samples * classes));
  const total = samples * family.members.length;
  let done = 0;
  for (let start = 0; start < samples; start += batchSize) {
    const end = Math.min(start + batchSize, samples);
    const indices = Int32Array.from({ length: end - start }, (_, i) => start + i);
    const shape = [end - start, ...imageShape] as const;
    const clean = { data: new Float32Array(sizeOf(shape)), shape };
    data.imagesAt(indices, clean.data);
    for (const [a, member] of family.members.entries()) {
      const rows = await predict({ data: member.apply(clean), shape });
      checkRows(rows, member.name, start, end, classes);
      logits[a].set(rows, start * classes);
      onProgress?.((done += end - start), total);
    }
  }
  return { labels, classes, memberNames: family.members.map(({ name }) => name), logits };
}

/** Runs the whole test procedure on any classifier: predicts under every member of the family, then scores. */
export async function testClassifier(
  predict: Predict,
  data: LabelledImages,
  family: Pick<TransformFamily, "members">,
  options: PredictOptions & InvarianceOptions = {},
): Promise<Scores> {
  return scorePredictions(await predictMembers(predict, data, family, options), options);
}

function checkRows(rows: Float32Array, member: string, start: number, end: number, classes: number): void {
  if (rows.length !== (end - start) * classes) {
    throw new ShapeError(
      `predict returned ${rows.length} numbers for ${end - start} images of member "${member}"; ` +
        `expected logits [${end - start}, ${classes}], that is ${(end - start) * classes}. ` +
        `Return one row of ${classes} logits per image.`,
    );
  }
  const bad = rows.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError("logits", member, start + Math.floor(bad / classes), rows[bad]);
}

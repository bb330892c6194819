import { checkLimit } from "../options/limits.ts";
import { checkMembers } from "../augment/check-family.ts";
import type { TransformFamily } from "../augment/family.ts";
import { viewOf } from "../augment/view-of.ts";
import type { ViewSource } from "../augment/views.ts";
import type { Dataset } from "../data/dataset-type.ts";
import type { ImageSource } from "../data/image-source.ts";
import { checkFunction, checkRecord, refuse, shown } from "../options/index.ts";
import { ShapeError, UsageError } from "../tensor/errors.ts";
import type { ImageBatch } from "../tensor/image-batch.ts";
import { readBatch } from "../tensor/middle.ts";
import { sizeOf } from "../tensor/shape.ts";
import { batchImages } from "./batch-images.ts";
import { NonFiniteError } from "./errors.ts";
import { type LabelledImages, labelledImages } from "./labelled-images.ts";
import { type InvarianceOptions, checkInvarianceOptions } from "./invariance.ts";
import { predictedParts } from "./predicted-parts.ts";
import { type Embeddings, type Predictions, checkLabels } from "./predictions.ts";
import { type Scores, scorePredictions } from "./procedure.ts";

/** Any classifier: images [n, C, H, W] in [0, 1] to logits [n, K], row-major. Called for one batch at a time. */
export type Predict = (images: ImageBatch) => Promise<Float32Array>;

/** The same with an embedding of each image beside its logits: [n, dimension], row-major. */
export type PredictWithEmbeddings = (
  images: ImageBatch,
) => Promise<{ readonly logits: Float32Array; readonly embeddings: Float32Array }>;

export interface PredictOptions {
  /** Images per call of `predict`. Default 50, or fewer where so many have more than 8 MiB. */
  readonly batchSize?: number;
  /** Called after each batch with the number of images predicted so far, of N·|A|. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops between two calls of `predict`: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Options of {@link predictMembers}. */
export interface PredictMembersOptions extends PredictOptions {
  /**
   * Where the views are kept, if they are made already: what `predict` then gets, in the place of images. `data` says the
   * labels, and is not read.
   */
  readonly views?: Pick<ViewSource, "imageShape" | "fillMembers">;
}

/**
 * The logits of every test image under every member of a family, in batches; and the embeddings where `predict`
 * gives them.
 *
 * Only one batch of views is held at a time; the logits take N·|A|·K floats, the embeddings N·|A|·dimension.
 *
 * @throws UsageError      no samples, or a batch size below 1
 * @throws ShapeError      logits or embeddings of the wrong length
 * @throws LabelError      a label outside 0 … K − 1
 * @throws NonFiniteError  NaN or infinity in the logits or embeddings, as soon as they appear
 */
export async function predictMembers(
  predict: Predict | PredictWithEmbeddings,
  data: LabelledImages | ImageSource | Dataset,
  family: Pick<TransformFamily, "members">,
  { batchSize: given, onProgress, signal, views }: PredictMembersOptions = {},
): Promise<Predictions> {
  checkFunction("predictMembers", "predict", predict);
  const source = labelledImages("predictMembers", data);
  const { labels, classes } = source;
  const image = views?.imageShape ?? source.shape;
  const batchSize = given ?? batchImages(image);
  const samples = labels.length;
  if (samples === 0) {
    throw new UsageError("There are no samples to test on. Pass a test set with at least one image.");
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UsageError(`batchSize is ${shown(batchSize)}. Pass a whole number of images, 1 or more.`);
  }
  checkLabels(labels, classes);

  checkLimit(
    "arrayBytes",
    4 * samples * classes * family.members.length,
    `A test of ${samples} images with ${family.members.length} members and ${classes} logits`,
  );
  const logits = family.members.map(() => new Float32Array(samples * classes));
  let embeddings: Embeddings | undefined;
  const total = samples * family.members.length;
  let done = 0;
  for (let start = 0; start < samples; start += batchSize) {
    const end = Math.min(start + batchSize, samples);
    const shape = [end - start, ...image] as const;
    const data = new Float32Array(sizeOf(shape));
    const clean = views ? null : await readBatch(source, range(start, end), data);
    if (!views && end < samples) source.readAhead?.(range(end, Math.min(end + batchSize, samples)));
    for (const [a, member] of family.members.entries()) {
      if (signal) await whereStopped(signal);
      if (views) await views.fillMembers(range(start, end), new Uint32Array(end - start).fill(a), data);
      const predicted = await predict({ data: clean ? viewOf(member, clean) : data, shape });
      const part = { member: member.name, start, end };
      const { logits: rows, embeddings: embedded } = predictedParts(predicted);
      checkRows("logits", rows, classes, part);
      logits[a].set(rows, start * classes);
      if (embedded) {
        const dimension = embeddings?.dimension ?? Math.max(1, Math.floor(embedded.length / (end - start)));
        checkRows("embeddings", embedded, dimension, part);
        embeddings ??= emptyEmbeddings(family.members.length, samples, dimension);
        embeddings.values[a].set(embedded, start * dimension);
      }
      onProgress?.((done += end - start), total);
    }
  }
  return { labels, classes, memberNames: family.members.map(({ name }) => name), logits, embeddings };
}

/** Options of {@link testClassifier}. */
export interface TestOptions extends PredictMembersOptions, InvarianceOptions {
  /** Called with what the scores are made of. */
  readonly onPredictions?: (predictions: Predictions) => void;
}

/** Runs the whole test procedure on any classifier: predicts under every member of the family, then scores. */
export async function testClassifier(
  predict: Predict | PredictWithEmbeddings,
  data: LabelledImages | ImageSource | Dataset,
  family: Pick<TransformFamily, "members">,
  options: TestOptions = {},
): Promise<Scores> {
  checkFunction("testClassifier", "predict", predict);
  checkRecord(
    "testClassifier",
    "family",
    family,
    "a family of transforms",
    "Give rotation(), or another one.",
  );
  if (!Array.isArray(family.members)) refuse("testClassifier", "family", family, "a family of transforms");
  checkMembers("The transform family", family.members);
  const labelled = labelledImages("testClassifier", data);
  // Before minutes of prediction, not after.
  checkInvarianceOptions(options);
  const predictions = await predictMembers(predict, labelled, family, options);
  options.onPredictions?.(predictions);
  if (options.signal) await whereStopped(options.signal);
  const { distance, samplesPerClass, resamples, seed } = options;
  return scorePredictions(predictions, { distance, samplesPerClass, resamples, seed });
}

/** start, start + 1 … end − 1 */
const range = (start: number, end: number): Int32Array =>
  Int32Array.from({ length: end - start }, (_, i) => start + i);

/** Lets whoever wants to stop say so, even where `predict` never waits for anything. @throws the signal's reason */
async function whereStopped(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}

const emptyEmbeddings = (members: number, samples: number, dimension: number): Embeddings => ({
  values: Array.from({ length: members }, () => new Float32Array(samples * dimension)),
  dimension,
});

interface Part {
  readonly member: string;
  readonly start: number;
  readonly end: number;
}

function checkRows(
  what: "logits" | "embeddings",
  rows: Float32Array,
  width: number,
  { member, start, end }: Part,
): void {
  const count = end - start;
  if (rows.length !== count * width) {
    throw new ShapeError(
      `predict returned ${rows.length} numbers for ${count} images of member "${member}"; ` +
        `expected ${what} [${count}, ${width}], that is ${count * width}. ` +
        `Return one row of ${width} ${what === "logits" ? what : "numbers"} per image.`,
    );
  }
  const bad = rows.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NonFiniteError(what, member, start + Math.floor(bad / width), rows[bad]);
}

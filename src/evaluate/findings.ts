/** What is known of each image while a search goes on: whether it was right so far, and its worst view. */
import { UsageError } from "../tensor/errors.ts";
import { argmax, correctness } from "./accuracy.ts";
import { NonFiniteError } from "./errors.ts";

export interface Findings {
  /** Whether each image was right as it is and in every view taken so far, [N]. */
  readonly correct: Uint8Array;
  /** Logits of the worst view that was taken: the first wrong one, else that of the lowest margin, [N, K]. */
  readonly logits: Float32Array;
  /**
   * Takes a view's row of logits; those of an image that is wrong already change nothing.
   *
   * @returns whether it is the worst view of the image now
   */
  take(image: number, rows: Float32Array, row: number): boolean;
}

/** @param clean  logits of the images as they are, [N, K] */
export function findings(clean: Float32Array, labels: Int32Array, classes: number): Findings {
  const correct = correctness(clean, labels, classes);
  const logits = clean.slice();
  const margins = Float64Array.from(labels, (label, i) => marginOf(clean, i * classes, classes, label));
  return {
    correct,
    logits,
    take(image, rows, row) {
      if (correct[image] === 0) return false;
      const offset = row * classes;
      const margin = marginOf(rows, offset, classes, labels[image]);
      const isRight = argmax(rows, offset, classes) === labels[image];
      if (isRight && margin >= margins[image]) return false;
      if (!isRight) correct[image] = 0;
      margins[image] = margin;
      logits.set(rows.subarray(offset, offset + classes), image * classes);
      return true;
    },
  };
}

/** The label's logit minus the largest of the others; 0 where there is one class. */
function marginOf(rows: Float32Array, offset: number, classes: number, label: number): number {
  let other = -Infinity;
  for (let k = 0; k < classes; k++) {
    if (k !== label && rows[offset + k] > other) other = rows[offset + k];
  }
  return classes === 1 ? 0 : rows[offset + label] - other;
}

/**
 * @param member  name of the view that a row is of
 * @throws UsageError for logits of another length, NonFiniteError for NaN and infinity
 */
export function checkLogits(
  rows: Float32Array,
  images: readonly number[],
  classes: number,
  member: (row: number) => string,
): void {
  if (rows.length !== images.length * classes) {
    throw new UsageError(
      `predict returned ${rows.length} numbers for ${images.length} images; expected [${images.length}, ${classes}]. ` +
        `Return one row of ${classes} logits per image.`,
    );
  }
  const bad = rows.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const row = Math.floor(bad / classes);
  throw new NonFiniteError("logits", member(row), images[row], rows[bad]);
}

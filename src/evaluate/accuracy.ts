/**
 * Which rows of logits are classified correctly.
 *
 * The predicted class is the largest logit, the lower index at a tie. A row that contains NaN is never correct.
 *
 * @param logits  [N, K] row-major
 * @param labels  [N]
 * @returns       [N], 1 where correct and 0 elsewhere
 */
export function correctness(logits: Float32Array, labels: Int32Array, classes: number): Uint8Array {
  return Uint8Array.from(labels, (label, i) => (argmax(logits, i * classes, classes) === label ? 1 : 0));
}

/** Index of the largest of `length` values from `offset` on; the lower index at a tie; −1 if one is NaN. */
export function argmax(values: Float32Array, offset: number, length: number): number {
  let best = 0;
  for (let k = 0; k < length; k++) {
    const value = values[offset + k];
    if (Number.isNaN(value)) return -1;
    if (value > values[offset + best]) best = k;
  }
  return best;
}

/**
 * Which samples are classified correctly under every member: the worst case over the family.
 *
 * @param correct  for each member, identity included, [N] as from `correctness`
 */
export const correctUnderAll = (correct: readonly Uint8Array[]): Uint8Array =>
  correct[0].map((_, i) => (correct.every((member) => member[i] === 1) ? 1 : 0));

/** How many are 1. */
export const countCorrect = (correct: Uint8Array): number => correct.reduce((sum, value) => sum + value, 0);

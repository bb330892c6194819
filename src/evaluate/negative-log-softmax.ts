/**
 * Writes −log softmax of a vector, in nats, each number ≥ 0. Of the largest entry that is log(1 + the sum of the
 * others' odds), right to the last digit where the model is all but certain: there 1 − p has few digits left.
 *
 * @param logits  [K]
 * @param out     at least [K]; further numbers are left alone
 */
export function negativeLogSoftmax(logits: Float32Array, out: Float64Array): void {
  let top = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[top]) top = k;
  let others = 0;
  for (let k = 0; k < logits.length; k++) if (k !== top) others += Math.exp(logits[k] - logits[top]);
  const logSum = Math.log1p(others);
  for (let k = 0; k < logits.length; k++) out[k] = logits[top] - logits[k] + logSum;
}

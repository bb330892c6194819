import { correctness } from "./accuracy.ts";
import { spreads } from "./alignment-gap.ts";
import { negativeLogSoftmax } from "./negative-log-softmax.ts";
import type { Predictions } from "./predictions.ts";

/**
 * The measurable terms of the paper's bound, worst-case risk ≤ clean risk + mean alignment gap + complexity term,
 * on the test set and for three risks. The complexity term, which pays for going from a sample to the population, is
 * not among them.
 *
 * A gap can only bound a risk whose loss changes by no more than the gap. That holds by calculus for `softmaxError`
 * and `crossEntropy`, so that those sums always hold. It need not hold for `error`: a view may cross the
 * decision boundary in an arbitrarily small step.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909). The bound is theirs; the choice of risks to pair it with is
 * ours.
 */
export interface Bound {
  /** Risk: the 0–1 error, in [0, 1]. Gap: `AlignmentGap`, l1 of logits. `holds` is an observation. */
  readonly error: BoundTerms;
  /**
   * Risk: 1 − p_y with p = softmax(f(x)), in [0, 1]: the error of a class drawn from p. Gap: max over a, a′ of
   * ½ ‖p − p′‖₁, in [0, 1], the total variation: |p_y − p′_y| ≤ ½ ‖p − p′‖₁.
   */
  readonly softmaxError: BoundTerms;
  /**
   * Risk: cross-entropy, in nats. Gap: `AlignmentGap`, l1 of logits: the gradient of the cross-entropy, p minus the
   * one-hot label, has no entry beyond ±1, so it changes by at most ‖f(x) − f(x′)‖₁.
   */
  readonly crossEntropy: BoundTerms;
}

/** Means over the test samples, in the units of the risk. */
export interface BoundTerms {
  /** The risk on the untransformed images. */
  readonly cleanRisk: number;
  readonly meanGap: number;
  /** cleanRisk + meanGap. */
  readonly sum: number;
  /** The mean over samples of the largest loss over the family, the identity included. */
  readonly worstCaseRisk: number;
  /** Whether worstCaseRisk ≤ sum, up to rounding (1 part in 10⁹). */
  readonly holds: boolean;
}

/** The bound's terms for predictions that `checkPredictions` accepts. */
export function bound(predictions: Predictions): Bound {
  const { labels, classes, logits } = predictions;
  const logLosses = logits.map((member) => negativeLogSoftmaxRows(member, classes));
  const probabilities = logLosses.map((member) => member.map((loss) => Math.exp(-loss)));
  /** Of each sample under each member, what `values` [N, K] say of its label. */
  const atLabel = (values: readonly Float64Array[]) =>
    values.map((member) => Float64Array.from(labels, (label, i) => member[i * classes + label]));

  const errors = logits.map((member) => correctness(member, labels, classes).map((right) => 1 - right));
  const softmaxErrors = atLabel(probabilities).map((member) => member.map((p) => 1 - p));
  const logitGap = mean(spreads(logits, classes));
  return {
    error: terms(errors, logitGap),
    softmaxError: terms(softmaxErrors, mean(spreads(probabilities, classes)) / 2),
    crossEntropy: terms(atLabel(logLosses), logitGap),
  };
}

/** @param losses  for each member, identity first, [N] */
function terms(losses: readonly (Uint8Array | Float64Array)[], meanGap: number): BoundTerms {
  const cleanRisk = mean(losses[0]);
  const worst = Float64Array.from(losses[0], (_, i) =>
    losses.reduce((max, member) => Math.max(max, member[i]), 0),
  );
  const worstCaseRisk = mean(worst);
  const sum = cleanRisk + meanGap;
  return { cleanRisk, meanGap, sum, worstCaseRisk, holds: worstCaseRisk <= sum * (1 + 1e-9) };
}

function negativeLogSoftmaxRows(logits: Float32Array, classes: number): Float64Array {
  const rows = new Float64Array(logits.length);
  for (let start = 0; start < rows.length; start += classes) {
    negativeLogSoftmax(logits.subarray(start, start + classes), rows.subarray(start, start + classes));
  }
  return rows;
}

const mean = (values: Uint8Array | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

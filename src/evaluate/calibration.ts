/** How far probabilities are from how often answers are right. */
import { argmax } from "./accuracy.ts";
import type { Predictions } from "./predictions.ts";
import { topProbability } from "./softmax.ts";

/** Of [0, 1], as wide as one another. */
export const CALIBRATION_BINS = 15;

/** Expected calibration error, in [0, 1]: of the softmax of the logits, and of that at the model's temperature. */
export interface CalibrationError {
  readonly before: number;
  /** Null where the model has no temperature. */
  readonly after: number | null;
}

export interface CalibrationScores {
  readonly bins: number;
  /** The model's, by which logits are divided; null where it has none. */
  readonly temperature: number | null;
  /** Of the images as they are. */
  readonly clean: CalibrationError;
  /** Of all their views but those, together. */
  readonly shifted: CalibrationError;
}

/** @param predictions  that `checkPredictions` accepts */
export function calibrationScores(predictions: Predictions, temperature?: number): CalibrationScores {
  const { logits, labels, classes } = predictions;
  const errorOf = (members: readonly Float32Array[]): CalibrationError => ({
    before: calibrationError(members, labels, classes),
    after: temperature === undefined ? null : calibrationError(members, labels, classes, temperature),
  });
  return {
    bins: CALIBRATION_BINS,
    temperature: temperature ?? null,
    clean: errorOf(logits.slice(0, 1)),
    shifted: errorOf(logits.slice(1)),
  };
}

/**
 * Expected calibration error: answers are put into bins by their probability p, each bin closed above; of each bin the share of
 * right answers is compared with its mean p, and the differences are weighted by the bins' sizes (Naeini, Cooper & Hauskrecht, AAAI
 * 2015; Guo et al., ICML 2017). Of no images it is 0.
 *
 * @param logits  [N, K] row-major for each member, taken together
 * @param labels  [N]
 */
export function calibrationError(
  logits: readonly Float32Array[],
  labels: Int32Array,
  classes: number,
  temperature = 1,
): number {
  const right = new Float64Array(CALIBRATION_BINS);
  const sure = new Float64Array(CALIBRATION_BINS);
  for (const member of logits) {
    for (let i = 0; i < labels.length; i++) {
      const row = member.subarray(i * classes, (i + 1) * classes);
      const probability = topProbability(row, temperature);
      const bin = Math.max(0, Math.ceil(probability * CALIBRATION_BINS) - 1);
      sure[bin] += probability;
      if (argmax(row, 0, classes) === labels[i]) right[bin]++;
    }
  }
  const count = logits.length * labels.length;
  return count === 0 ? 0 : right.reduce((sum, hits, bin) => sum + Math.abs(hits - sure[bin]), 0) / count;
}

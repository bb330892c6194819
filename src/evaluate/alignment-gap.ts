import type { Predictions } from "./predictions.ts";
import { quantile } from "./quantile.ts";
import { type Interval, z95 } from "./wilson.ts";

/** How far apart a model puts the views of one sample: 0 for a model invariant to the family. Logit units. */
export interface AlignmentGap {
  /** Mean over samples, with the normal 95 % interval mean ± 1.96 · standard error. */
  readonly mean: Interval;
  readonly max: number;
  /** The gap below which a share `probability` of the samples lies. */
  readonly quantiles: readonly { readonly probability: number; readonly value: number }[];
}

const probabilities = [0.05, 0.25, 0.5, 0.75, 0.95];

/** The distribution over samples of max over members a, a′ of ‖f(a(x)) − f(a′(x))‖₁, f the logits. */
export function alignmentGap(predictions: Predictions): AlignmentGap {
  const gaps = alignmentGaps(predictions).sort();
  const n = gaps.length;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / n;
  const squares = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0);
  // One sample says nothing of the spread: its interval is the point itself.
  const half = n > 1 ? z95 * Math.sqrt(squares / (n - 1) / n) : 0;
  return {
    mean: { value: mean, low: Math.max(0, mean - half), high: mean + half },
    max: gaps[n - 1],
    quantiles: probabilities.map((probability) => ({ probability, value: quantile(gaps, probability) })),
  };
}

/** The gap of each sample, [N]. */
export const alignmentGaps = ({ classes, logits }: Predictions): Float64Array => spreads(logits, classes);

/**
 * For each sample the largest l1 distance between two of its views.
 *
 * @param views  for each member, [N, width] row-major
 * @returns      [N]
 */
export function spreads(views: readonly (Float32Array | Float64Array)[], width: number): Float64Array {
  const largest = new Float64Array(views[0].length / width);
  for (let a = 0; a < views.length; a++) {
    for (let b = a + 1; b < views.length; b++) {
      for (let i = 0; i < largest.length; i++) {
        let sum = 0;
        for (let k = i * width; k < (i + 1) * width; k++) sum += Math.abs(views[a][k] - views[b][k]);
        if (sum > largest[i]) largest[i] = sum;
      }
    }
  }
  return largest;
}

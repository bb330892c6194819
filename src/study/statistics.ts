import jStat from "jstat";
import { UsageError } from "../tensor/index.ts";

/** A mean with what is known of its spread. */
export interface Estimate {
  readonly mean: number;
  /** With n − 1 in the denominator; null for a single value. */
  readonly standardDeviation: number | null;
  /** Number of values, n ≥ 1. */
  readonly count: number;
  /**
   * The 95 % Student-t interval of the mean. Null for a single value, and for values that are all equal: a few
   * counted scores coincide by chance, and an interval of no width would claim certainty.
   */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Two-sided p-value of Student's t-test that the true mean is 0; null where `interval` is. */
  readonly pValue: number | null;
}

/** @param values  at least one */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The square root of Σ (x − mean)² / (n − 1); null for fewer than two values. */
export function sampleStandardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Mean, spread and 95 % interval of values drawn independently from one distribution, taken to be normal.
 *
 * @throws UsageError without values, or when one is not finite
 */
export function estimate(values: readonly number[]): Estimate {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new UsageError(`No mean of [${values.join(", ")}]. Pass at least one value, all of them finite.`);
  }
  const count = values.length;
  const centre = mean(values);
  const standardDeviation = sampleStandardDeviation(values);
  // Equal values that went through a subtraction differ in their last bits.
  const rounding = 1e-12 * Math.max(1, ...values.map(Math.abs));
  if (standardDeviation === null || standardDeviation <= rounding) {
    return { mean: centre, standardDeviation, count, interval: null, pValue: null };
  }
  const standardError = standardDeviation / Math.sqrt(count);
  const half = studentQuantile(0.975, count - 1) * standardError;
  return {
    mean: centre,
    standardDeviation,
    count,
    interval: { low: centre - half, high: centre + half },
    pValue: studentPValue(centre / standardError, count - 1),
  };
}

/** One value of each seed: seed → value. */
export type BySeed = ReadonlyMap<number, number>;

/**
 * The mean of `values − baseline`, seed against the same seed; seeds that only one of the two has are left out.
 *
 * What the two share at a seed (initial weights, the order of the data) cancels in the difference, so that its
 * interval is narrower than that of two unpaired means.
 *
 * @returns null when they have no seed in common
 */
export function pairedDifference(values: BySeed, baseline: BySeed): Estimate | null {
  const differences: number[] = [];
  for (const [seed, value] of values) {
    const reference = baseline.get(seed);
    if (reference !== undefined) differences.push(value - reference);
  }
  return differences.length === 0 ? null : estimate(differences);
}

/**
 * Holm's step-down correction: p-values such that rejecting those ≤ α wrongly rejects any true hypothesis at all
 * with probability at most α, whatever the dependence between the tests.
 *
 * Source: Holm 1979, A simple sequentially rejective multiple test procedure; as R's `p.adjust(method = "holm")`.
 *
 * @returns the corrected p-values, in the order given
 */
export function holm(pValues: readonly number[]): number[] {
  const corrected = new Array<number>(pValues.length);
  const ascending = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b]);
  let largest = 0;
  ascending.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    corrected[index] = largest;
  });
  return corrected;
}

/** The quantile of Student's t distribution at `probability`; at least 1 degree of freedom. */
export const studentQuantile = (probability: number, degreesOfFreedom: number): number =>
  jStat.studentt.inv(probability, degreesOfFreedom);

/** P(|T| ≥ |t|). By the incomplete beta function itself: 1 − cdf has no digits left where p is small. */
export const studentPValue = (t: number, degreesOfFreedom: number): number =>
  jStat.ibeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);

import { type OptionTable, checkOptions, choice, tested, whole } from "../options/index.ts";
import { random } from "../tensor/random.ts";
import { type DistanceName, distances } from "./distance.ts";
import { ownShares } from "./own-shares.ts";
import { type Predictions, embeddingsOf } from "./predictions.ts";
import { quantile } from "./quantile.ts";
import type { Interval } from "./wilson.ts";

export interface InvarianceOptions {
  /** Default "l2". */
  readonly distance?: DistanceName;
  /** t: only the first t samples of each class, in the test set's order. Default: all. */
  readonly samplesPerClass?: number;
  /** Resamples behind the 95 % interval. Default 1,000. */
  readonly resamples?: number;
  /** Seed of the resampling. Default 0. */
  readonly seed?: number;
}

/**
 * The invariance score: how far each sample's transformed copies are its own nearest neighbours.
 *
 * For each class, every copy (identity included) of its samples is embedded. For each sample, the |A| copies
 * nearest to its own embedding are retrieved, its own identity copy among them, and the share that are its own
 * copies is taken; the score is the mean over a class's samples, then over the classes that have samples.
 * Ties go to the copy of the lower sample index, so the order of the family's members does not matter.
 *
 * 1: each sample's copies lie closest to it. 1/|A|: only the identity copy ever does. A model that maps everything
 * to one point gets 1/t for a class of t samples.
 *
 * The interval is a percentile bootstrap over samples within each class, the copies to retrieve from held fixed.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909).
 */
export function invarianceScore(predictions: Predictions, options: InvarianceOptions = {}): Interval {
  checkInvarianceOptions(options);
  const { resamples = invarianceTable.resamples.default, seed = invarianceTable.seed.default } = options;
  const shares = invarianceShares(predictions, options);
  const value = mean(shares.map(mean));
  const draw = random(seed, "invariance");
  const scores = Float64Array.from({ length: resamples }, () =>
    mean(
      shares.map((own) => {
        let sum = 0;
        for (let i = 0; i < own.length; i++) sum += own[draw.integer(own.length)];
        return sum / own.length;
      }),
    ),
  ).sort();
  return { value, low: quantile(scores, 0.025), high: quantile(scores, 0.975) };
}

/** The rows of {@link InvarianceOptions}. */
export const invarianceTable = {
  distance: choice(Object.keys(distances) as DistanceName[], {
    description: "what nearest copies are found by",
    default: "l2",
    alias: ["metric"],
  }),
  samplesPerClass: tested<number>(
    (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 1),
    "a whole number of at least 1",
    {
      description: "only the first so many samples of each class, in the test set's order",
      otherwise: "all",
      alias: ["t", "limit"],
    },
  ),
  resamples: whole({
    description: "resamples behind the 95 % interval",
    default: 1000,
    alias: ["bootstrap"],
  }),
  seed: whole({ description: "seed of the resampling", default: 0 }, 0),
} satisfies OptionTable<InvarianceOptions>;

/** @throws UsageError that says which option makes no sense; others are not looked at */
export function checkInvarianceOptions(options: InvarianceOptions): void {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(invarianceTable, name));
  checkOptions("scorePredictions", invarianceTable, Object.fromEntries(own));
}

/**
 * The share of own copies among the |A| nearest, for each sample, grouped by class; classes without samples are
 * left out.
 */
export function invarianceShares(
  predictions: Predictions,
  { distance = "l2", samplesPerClass = Infinity }: InvarianceOptions = {},
): Float64Array[] {
  checkInvarianceOptions({ distance, samplesPerClass });
  return samplesByClass(predictions, samplesPerClass)
    .filter((samples) => samples.length > 0)
    .map((samples) => ownShares(samples, embeddingsOf(predictions), distances[distance]));
}

function samplesByClass({ labels, classes }: Predictions, atMost: number): number[][] {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, i) => {
    if (byClass[label].length < atMost) byClass[label].push(i);
  });
  return byClass;
}

const mean = (values: readonly number[] | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

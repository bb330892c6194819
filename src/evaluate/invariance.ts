import { UsageError } from "../tensor/errors.ts";
import { random } from "../tensor/random.ts";
import { type Distance, type DistanceName, distances } from "./distance.ts";
import { NearestList } from "./nearest-list.ts";
import { type Predictions, embeddingsOf } from "./predictions.ts";
import { quantile } from "./quantile.ts";
import type { Interval } from "./wilson.ts";

/** Copies compared at a time, in numbers of 8 bytes: 256 kB, which leaves room in a core's second-level cache. */
const BLOCK_NUMBERS = 2 ** 15;

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
  const { resamples = 1000, seed = 0 } = options;
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

/** @throws UsageError that says which option makes no sense */
export function checkInvarianceOptions({
  distance = "l2",
  samplesPerClass = Infinity,
  resamples = 1,
}: InvarianceOptions): void {
  if (!Object.hasOwn(distances, distance)) {
    throw new UsageError(
      `Unknown distance "${distance}". Choose one of: ${Object.keys(distances).join(", ")}.`,
    );
  }
  if (!(samplesPerClass >= 1) || (samplesPerClass !== Infinity && !Number.isInteger(samplesPerClass))) {
    throw new UsageError(
      `samplesPerClass is ${samplesPerClass}. Pass a whole number, 1 or more, or leave it out.`,
    );
  }
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new UsageError(`resamples is ${resamples}. Pass a whole number of resamples, 1 or more.`);
  }
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
    .map((samples) => sharesWithin(samples, predictions, distances[distance]));
}

function samplesByClass({ labels, classes }: Predictions, atMost: number): number[][] {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, i) => {
    if (byClass[label].length < atMost) byClass[label].push(i);
  });
  return byClass;
}

/**
 * One class. Each list of the |A| nearest starts full of the sample's own copies: whatever they displace is what
 * the score asks, and the search radius is tight from the first comparison on. The copies are gone through in
 * blocks that the processor's cache holds, each for all samples. Memory: the class's encoded copies and the lists.
 */
function sharesWithin(
  samples: readonly number[],
  predictions: Predictions,
  distance: Distance,
): Float64Array {
  const { values, dimension } = embeddingsOf(predictions);
  const members = values.length;
  const width = Math.ceil(distance.numbers(dimension) / 4) * 4;
  const queries = new Float64Array(samples.length * width);
  const copies = new Float64Array(samples.length * members * width);
  samples.forEach((sample, s) => {
    for (let m = 0; m < members; m++) {
      const vector = values[m].subarray(sample * dimension, (sample + 1) * dimension);
      if (m === 0) distance.encode(vector, "query", queries.subarray(s * width, (s + 1) * width));
      distance.encode(
        vector,
        "copy",
        copies.subarray((s * members + m) * width, (s * members + m + 1) * width),
      );
    }
  });

  const { measure } = distance;
  const lists = samples.map((_, s) => {
    const nearest = new NearestList(members);
    for (let m = 0; m < members; m++) {
      nearest.offer(measure(queries, s * width, copies, (s * members + m) * width, width, Infinity), s);
    }
    return nearest;
  });
  const perBlock = Math.max(1, Math.floor(BLOCK_NUMBERS / (members * width)));
  for (let start = 0; start < samples.length; start += perBlock) {
    const end = Math.min(start + perBlock, samples.length);
    lists.forEach((nearest, s) => {
      for (let other = start; other < end; other++) {
        if (other === s) continue;
        for (let m = 0; m < members; m++) {
          const at = (other * members + m) * width;
          const d = measure(queries, s * width, copies, at, width, nearest.reach);
          if (d <= nearest.reach) nearest.offer(d, other);
        }
      }
    });
  }
  return Float64Array.from(lists, (nearest, s) => nearest.countOf(s) / members);
}

const mean = (values: readonly number[] | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

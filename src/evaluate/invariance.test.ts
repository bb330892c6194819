import { describe, expect, test } from "vitest";
import { random } from "../tensor/random.ts";
import { type DistanceName, distances } from "./distance.ts";
import { invarianceScore, invarianceShares } from "./invariance.ts";
import type { Predictions } from "./predictions.ts";

const distanceNames = Object.keys(distances) as DistanceName[];

/** Predictions whose logits are `value(member, sample, k)`. */
function predictions(
  labels: number[],
  members: number,
  classes: number,
  value: (member: number, sample: number, k: number) => number,
): Predictions {
  return {
    labels: Int32Array.from(labels),
    classes,
    memberNames: Array.from({ length: members }, (_, a) => `view ${a}`),
    logits: Array.from({ length: members }, (_, a) =>
      Float32Array.from({ length: labels.length * classes }, (_, j) =>
        value(a, Math.floor(j / classes), j % classes),
      ),
    ),
  };
}

/** `perClass` samples of each of 3 classes, their views independent noise of size `noise` apart. */
function noisyViews(perClass: number, members: number, noise: number): Predictions {
  const classes = 3;
  const labels = Array.from({ length: perClass * classes }, (_, i) => i % classes);
  const centre = random(1, "centres");
  const clean = Float64Array.from({ length: labels.length * classes }, () => 3 * centre.normal());
  const draw = random(2, "views");
  return predictions(
    labels,
    members,
    classes,
    (a, i, k) => clean[i * classes + k] + (a === 0 ? 0 : noise * draw.normal()),
  );
}

describe.each(distanceNames)("%s", (distance) => {
  const score = (p: Predictions) => invarianceScore(p, { distance, resamples: 200 });

  test("a model that does not change with the transform scores 1, with certainty", () => {
    expect(score(noisyViews(20, 4, 0))).toEqual({ value: 1, low: 1, high: 1 });
  });

  // 400 samples are more than are compared at a time.
  test.each([8, 400])("a model that maps everything to one point scores 1/t, t = %i", (t) => {
    const labels = Array.from({ length: 2 * t }, (_, i) => i % 2);
    // 0 too: cosine has no direction to compare there.
    expect(score(predictions(labels, 3, 2, () => 0)).value).toBeCloseTo(1 / t, 12);
    expect(score(predictions(labels, 3, 2, () => 1)).value).toBeCloseTo(1 / t, 12);
  });

  test("unrelated views leave about 1/|A|: the identity copy alone comes back", () => {
    const { value } = score(noisyViews(200, 4, 1000));
    expect(value).toBeGreaterThan(0.24);
    expect(value).toBeLessThan(0.29);
  });

  test("the score falls as the views move apart", () => {
    const values = [0.01, 0.3, 1, 3].map((noise) => score(noisyViews(40, 4, noise)).value);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(values[0]).toBeGreaterThan(values[3] + 0.3);
  });

  test("neither the order of the samples nor that of the views matters without ties", () => {
    const p = noisyViews(30, 4, 0.5);
    const order = random(3).permutation(p.labels.length);
    const shuffled: Predictions = {
      ...p,
      labels: p.labels.map((_, i) => p.labels[order[i]]),
      logits: [0, 3, 1, 2].map((a) =>
        p.logits[a].map((_, j) => p.logits[a][order[(j / 3) | 0] * 3 + (j % 3)]),
      ),
    };
    expect(score(shuffled).value).toBeCloseTo(score(p).value, 12);
  });
});

test("at a tie the copy of the lower sample comes first", () => {
  // Samples 0 and 1 coincide in every view: for both, the two copies of sample 0 are retrieved.
  const p = predictions([0, 0], 2, 1, () => 1);
  expect(invarianceShares(p).map((shares) => [...shares])).toEqual([[1, 0]]);
});

test("|A| counts the identity, and the query retrieves its own identity copy", () => {
  // On a line: sample 0 at 0 with its view at 10; sample 1 at 1 with its view at 2.
  const positions = [
    [0, 1],
    [10, 2],
  ];
  const p = predictions([0, 0], 2, 1, (a, i) => positions[a][i]);
  expect(invarianceShares(p).map((shares) => [...shares])).toEqual([[0.5, 0.5]]);
});

test("KL's expectation is under the query", () => {
  // Two classes, so a copy is its first probability. The query is ½, its own view 0.9: KL(½ ‖ 0.9) = 0.511.
  // Another sample's copies at 0.1 + ε and 0.06: KL(½ ‖ 0.12) = 0.431 displaces the view, KL(½ ‖ 0.06) = 0.744 not.
  // The other way round KL(0.9 ‖ ½) = 0.368 is beaten by both 0.326 and no other at 0.97: KL(0.97 ‖ ½) = 0.558.
  const firstShare = (other: [number, number]) => {
    const probabilities = [[0.5, 0.9], other];
    const logit = (a: number, i: number) => Math.log(probabilities[i][a] / (1 - probabilities[i][a]));
    const p = predictions([0, 0], 2, 2, (a, i, k) => (k === 0 ? logit(a, i) : 0));
    return invarianceShares(p, { distance: "kl" })[0][0];
  };
  expect(firstShare([0.12, 0.06])).toBe(0.5);
  expect(firstShare([0.06, 0.97])).toBe(1);
});

test("KL tells nearly certain copies apart, where 1 − p has no digit left", () => {
  // Two logits (margin, 0), so 1 − p ≈ exp(−margin). The query is at 60, its own view at 58: KL ≈ 4e-26.
  // The other sample, of the lower index, is at 45 and 44: KL ≈ 3e-20.
  const margins = [
    [45, 60],
    [44, 58],
  ];
  const p = predictions([0, 0], 2, 2, (a, i, k) => (k === 0 ? margins[a][i] : 0));
  expect(invarianceShares(p, { distance: "kl" }).map((shares) => [...shares])).toEqual([[1, 1]]);
});

test("memory does not grow with the square of the samples", () => {
  // The distances of all pairs of a class of 5,000 would take 400 MB, a byte for each 50 MB.
  const p = predictions(Array<number>(5000).fill(0), 2, 1, (a, i) => i + 0.1 * a);
  const before = process.resourceUsage().maxRSS;
  expect(invarianceShares(p)[0].every((share) => share === 1)).toBe(true);
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(30);
});

test("cosine: a zero vector is at distance 1 from every other, and 0 from another zero vector", () => {
  const first = (own: number[], other: number[]) =>
    invarianceShares(
      predictions(
        [0, 0],
        2,
        2,
        (a, i, k) =>
          [
            [[1, 0], own],
            [other, other],
          ][i][a][k],
      ),
      { distance: "cosine" },
    )[0];
  // From (1, 0): the own view (0, 0) is beaten by (1, 1), at 0.29, but not by (−1, 1), at 1.71.
  expect(first([0, 0], [1, 1])[0]).toBe(0.5);
  expect(first([0, 0], [-1, 1])[0]).toBe(1);
  expect(first([1, 0], [0, 0])[1]).toBe(1);
});

test("classes without samples are left out, and each class weighs the same", () => {
  // Class 0: four coinciding samples, 1/4. Class 2: one sample, 1. Class 1: none.
  const p = predictions([0, 0, 0, 0, 2], 2, 3, () => 1);
  expect(invarianceScore(p, { resamples: 1 }).value).toBeCloseTo((1 / 4 + 1) / 2, 12);
});

test("samplesPerClass takes the first of each class", () => {
  const p = predictions([0, 1, 0, 1, 0, 0], 2, 2, () => 1);
  expect(invarianceShares(p, { samplesPerClass: 2 }).map((shares) => [...shares])).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test("the interval narrows with more samples and repeats with its seed", () => {
  const p = noisyViews(25, 4, 1);
  const few = invarianceScore(p);
  const many = invarianceScore(noisyViews(400, 4, 0.25));
  expect(many.high - many.low).toBeLessThan((few.high - few.low) / 2);
  expect(invarianceScore(p)).toEqual(few);
  expect(invarianceScore(p, { seed: 1 })).not.toEqual(few);
});

test.each(distanceNames)("the interval is that of the mean of shares, %s", (distance) => {
  const p = noisyViews(25, 4, 1);
  const interval = invarianceScore(p, { distance });
  const shares = invarianceShares(p, { distance });
  // Normal approximation: the variance of a mean of class means.
  const variance = shares.reduce((sum, own) => {
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return sum + own.reduce((a, x) => a + (x - mean) ** 2, 0) / own.length ** 2;
  }, 0);
  const normalWidth = (2 * 1.96 * Math.sqrt(variance)) / shares.length;
  expect((interval.high - interval.low) / normalWidth).toBeGreaterThan(0.9);
  expect((interval.high - interval.low) / normalWidth).toBeLessThan(1.1);
  expect(interval.low).toBeLessThan(interval.value);
  expect(interval.high).toBeGreaterThan(interval.value);
});

test("options that make no sense are refused", () => {
  const p = predictions([0, 0], 2, 1, () => 1);
  expect(() => invarianceScore(p, { distance: "l3" as never })).toThrow(
    'Unknown distance "l3". Choose one of: l2, l1, cosine, kl.',
  );
  expect(() => invarianceScore(p, { samplesPerClass: 0 })).toThrow(
    /samplesPerClass must be .* at least 1, not 0/,
  );
  expect(() => invarianceScore(p, { resamples: 1.5 })).toThrow(/resamples must be .* not 1\.5/);
});

import { expect, test } from "vitest";
import { random } from "../tensor/random.ts";
import { alignmentGap } from "./alignment-gap.ts";
import { efficiency } from "./efficiency.ts";
import type { Predictions } from "./predictions.ts";

/** One-dimensional logits: rows[member][sample]. */
const onALine = (rows: number[][]): Predictions => ({
  labels: new Int32Array(rows[0].length),
  classes: 1,
  memberNames: rows.map((_, a) => `view ${a}`),
  logits: rows.map((row) => Float32Array.from(row)),
});

test("a view must be strictly closer to its own clean image than to any other", () => {
  expect(efficiency(onALine([[0, 10], [4, 9]]))).toBe(1); // prettier-ignore
  expect(efficiency(onALine([[0, 10], [5, 9]]))).toBe(0.5); // prettier-ignore
  expect(efficiency(onALine([[0, 10], [6, 4]]))).toBe(0); // prettier-ignore
});

test("every member counts", () => {
  expect(efficiency(onALine([[0, 10], [1, 9], [1, 2]]))).toBe(0.5); // prettier-ignore
});

test("samples with equal clean logits do not satisfy it; a single sample does", () => {
  expect(efficiency(onALine([[3, 3, 9]]))).toBeCloseTo(1 / 3, 12);
  expect(efficiency(onALine([[3], [100]]))).toBe(1);
});

test("logits of constant sum and large offset: the search by projection misses no neighbour", () => {
  const [samples, classes] = [300, 4];
  const draw = random(5);
  const clean = Float32Array.from({ length: samples * classes }, () => 1e6 + draw.normal());
  const view = clean.map((x) => x + 0.15 * draw.normal());
  const p: Predictions = {
    labels: new Int32Array(samples),
    classes,
    memberNames: ["identity", "noise"],
    logits: [clean, view],
  };
  const l1 = (from: Float32Array, i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.abs(from[i * classes + k] - clean[j * classes + k]);
    return sum;
  };
  const all = Array.from({ length: samples }, (_, i) => i);
  const expected = all.filter((i) =>
    p.logits.every((member) => all.every((j) => j === i || l1(member, i, i) < l1(member, i, j))),
  );
  expect(expected.length).toBeGreaterThan(20);
  expect(expected.length).toBeLessThan(280);
  expect(efficiency(p)).toBe(expected.length / samples);
});

test("rounding of the projections hides no neighbour", () => {
  // The view of sample 0 lies midway between the two samples. Near 2⁴⁰ each δ is rounded up to 2⁻¹² when projected,
  // so that the projections are 3 · 2⁻¹² apart while the distance is only 1.8 · 2⁻¹².
  const d = Math.fround(0.6 * 2 ** -12);
  const p: Predictions = {
    labels: Int32Array.of(0, 0),
    classes: 4,
    memberNames: ["identity", "midway"],
    logits: [
      Float32Array.of(2 ** 40, -d, -d, -d, 2 ** 40, d, d, d),
      Float32Array.of(2 ** 40, 0, 0, 0, 2 ** 40, d, d, d),
    ],
  };
  expect(efficiency(p)).toBe(0.5);
});

test("the alignment gap is 0 for equal views, and the largest over all pairs of views otherwise", () => {
  const same = alignmentGap(onALine([[1, 2, 3], [1, 2, 3]])); // prettier-ignore
  expect(same.mean).toEqual({ value: 0, low: 0, high: 0 });
  expect(same.max).toBe(0);
  // Views 1 and 2 are farther from each other than from the identity.
  const apart = alignmentGap(onALine([[0], [-2], [3]]));
  expect(apart.mean.value).toBe(5);
});

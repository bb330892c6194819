import { describe, expect, test } from "vitest";
import { random } from "../tensor/random.ts";
import { bound } from "./bound.ts";
import type { Predictions } from "./predictions.ts";

/** Logits of two classes, rows[member][sample], for samples of class 0. */
const ofClassZero = (rows: [number, number][][]): Predictions => ({
  labels: new Int32Array(rows[0].length),
  classes: 2,
  memberNames: rows.map((_, a) => `view ${a}`),
  logits: rows.map((row) => Float32Array.from(row.flat())),
});

test("an invariant model: no gap, and the worst case is the clean risk", () => {
  const row: [number, number][] = [[2, 0], [0, 1]]; // prettier-ignore
  for (const { cleanRisk, meanGap, sum, worstCaseRisk, holds } of Object.values(
    bound(ofClassZero([row, row])),
  )) {
    expect(meanGap).toBe(0);
    expect([sum, worstCaseRisk]).toEqual([cleanRisk, cleanRisk]);
    expect(holds).toBe(true);
  }
});

test("by hand: p = 3/4 clean and 1/4 in a view", () => {
  const log3 = Math.fround(Math.log(3));
  const { error, softmaxError, crossEntropy } = bound(ofClassZero([[[log3, 0]], [[0, log3]]])); // prettier-ignore
  expect(error).toEqual({ cleanRisk: 0, meanGap: 2 * log3, sum: 2 * log3, worstCaseRisk: 1, holds: true });
  const numbers = ({ cleanRisk, meanGap, sum, worstCaseRisk }: typeof error) => [
    cleanRisk,
    meanGap,
    sum,
    worstCaseRisk,
  ];
  // Two classes: the total variation is all that 1 − p can change by.
  expect(numbers(softmaxError)).toBeAllClose([0.25, 0.5, 0.75, 0.75], { atol: 1e-7 });
  const [third, quarter] = [Math.log(4 / 3), Math.log(4)];
  expect(numbers(crossEntropy)).toBeAllClose([third, 2 * log3, third + 2 * log3, quarter], { atol: 1e-6 });
});

test("the 0–1 error may exceed its sum: every view crosses the boundary in a small step", () => {
  const { error, softmaxError, crossEntropy } = bound(ofClassZero([[[0.1, 0]], [[0, 0.1]]])); // prettier-ignore
  expect(error.worstCaseRisk).toBe(1);
  expect(error.sum).toBeCloseTo(0.2, 6);
  expect(error.holds).toBe(false);
  expect([softmaxError.holds, crossEntropy.holds]).toEqual([true, true]);
});

test("the worst case counts each sample's own worst view", () => {
  // Each of the two views is wrong on one sample only.
  const { error } = bound(ofClassZero([[[1, 0], [1, 0]], [[0, 1], [1, 0]], [[1, 0], [0, 1]]])); // prettier-ignore
  expect(error).toMatchObject({ cleanRisk: 0, meanGap: 2, worstCaseRisk: 1 });
});

describe.each([0.01, 1, 30, 1000])("logits of size %d:", (size) => {
  const draw = random(1, "bound", size);
  const [samples, classes] = [200, 5];
  const p: Predictions = {
    labels: Int32Array.from({ length: samples }, () => draw.integer(classes)),
    classes,
    memberNames: ["identity", "one", "two"],
    logits: [0, 1, 2].map(() => Float32Array.from({ length: samples * classes }, () => size * draw.normal())),
  };

  test("the sums of softmax error and cross-entropy always hold", () => {
    const { softmaxError, crossEntropy } = bound(p);
    expect([softmaxError.holds, crossEntropy.holds]).toEqual([true, true]);
  });

  test("the 0–1 error is at most twice the softmax error: a wrong class leaves the right one ½", () => {
    const { error, softmaxError } = bound(p);
    expect(error.cleanRisk).toBeLessThanOrEqual(2 * softmaxError.cleanRisk);
    expect(error.worstCaseRisk).toBeLessThanOrEqual(2 * softmaxError.worstCaseRisk);
  });
});

test("where a small change of logits moves the loss by all of it, rounding does not break the bound", () => {
  const certain = bound(ofClassZero([[[-1000, 0]], [[-1000.3, 0]]])); // prettier-ignore
  expect(certain.crossEntropy.worstCaseRisk).toBeCloseTo(certain.crossEntropy.sum, 9);
  expect(certain.crossEntropy.holds).toBe(true);
});

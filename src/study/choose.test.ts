import { describe, expect, test } from "vitest";
import { type Candidate, type CriterionName, chooseLambda } from "./choose.ts";

const candidate = (lambda: number, clean: number, robust: number, invariance: number): Candidate => ({
  lambda,
  scores: { cleanAccuracy: clean, robustAccuracy: robust, invarianceScore: invariance },
});

/** By rising λ: cleaner, then more robust, then more invariant. */
const candidates = [
  candidate(0.01, 0.99, 0.9, 0.3),
  candidate(0.1, 0.98, 0.95, 0.5),
  candidate(1, 0.97, 0.945, 0.7),
  candidate(10, 0.5, 0.4, 0.9),
];
const choose = (criterion: CriterionName, from = candidates, tolerance = 0.01) =>
  chooseLambda(from, { criterion, tolerance });

test.each<[CriterionName, number]>([
  ["cleanAccuracy", 0.01],
  ["robustAccuracy", 0.1],
  ["invarianceScore", 10],
  ["invarianceAtAccuracy", 1],
])("%s chooses λ = %d", (criterion, lambda) => {
  expect(choose(criterion)).toBe(lambda);
  expect(choose(criterion, [...candidates].reverse()), "in any order").toBe(lambda);
});

describe("invarianceAtAccuracy", () => {
  test.each([
    { tolerance: 0, lambda: 0.1 },
    { tolerance: 0.004, lambda: 0.1 },
    { tolerance: 0.6, lambda: 10 },
  ])("with tolerance $tolerance chooses λ = $lambda", ({ tolerance, lambda }) => {
    expect(choose("invarianceAtAccuracy", candidates, tolerance)).toBe(lambda);
  });

  test("takes what is worse by just the tolerance, whatever floating point makes of the difference", () => {
    // 0.8 - 0.1 > 0.7 in floating point.
    const pair = [candidate(0.1, 1, 0.8, 0.1), candidate(1, 1, 0.7, 0.2)];
    expect(choose("invarianceAtAccuracy", pair, 0.1)).toBe(1);
  });
});

test.each<CriterionName>(["cleanAccuracy", "robustAccuracy", "invarianceScore", "invarianceAtAccuracy"])(
  "ties of %s go to the smaller λ",
  (criterion) => {
    const tied = [candidate(2, 0.9, 0.8, 0.7), candidate(1, 0.9, 0.8, 0.7), candidate(3, 0.9, 0.8, 0.7)];
    expect(choose(criterion, tied)).toBe(1);
  },
);

test("a λ whose run failed is not chosen, and without any other there is no choice", () => {
  const failed = { lambda: 0.001, scores: null };
  expect(choose("cleanAccuracy", [failed, ...candidates])).toBe(0.01);
  expect(choose("cleanAccuracy", [failed])).toBeNull();
});

import { describe, expect, test } from "vitest";
import type { Scores } from "../evaluate/index.ts";
import type { CellRun, Column, StudyResult } from "./result.ts";
import { summarize } from "./summary.ts";

/** Only the values that a summary reads; the rest as a real evaluation has it. */
function scores(clean: number, robust: number, invariance: number): Scores {
  const interval = (value: number) => ({ value, low: 0, high: 1 });
  const terms = { cleanRisk: 0.1, meanGap: 1, sum: 1.1, worstCaseRisk: 0.5, holds: true };
  return {
    samples: 100,
    classes: 10,
    cleanAccuracy: interval(clean),
    robustAccuracy: interval(robust),
    invarianceScore: interval(invariance),
    members: [],
    alignmentGap: { mean: interval(1), max: 2, quantiles: [] },
    efficiency: 0.5,
    bound: { error: terms, softmaxError: terms, crossEntropy: terms },
  };
}

const ran = (seed: number, ...values: [number, number, number]): CellRun => ({
  seed,
  scores: scores(...values),
  error: null,
});
const failed = (seed: number, error: string): CellRun => ({ seed, scores: null, error });
const notRun = (seed: number): CellRun => ({ seed, scores: null, error: null });

const columns: Column[] = [
  { id: "vwa", method: "vwa", regularizer: null, label: "VWA" },
  { id: "rwa-squaredL2", method: "rwa", regularizer: "squaredL2", label: "RWA S" },
];
const vwaRuns = [ran(0, 0.9, 0.4, 0.25), ran(1, 0.9, 0.6, 0.25), ran(2, 0.9, 0.3, 0.25)];
const rwaRuns = [ran(0, 0.8, 0.5, 0.5), ran(1, 0.85, 0.8, 0.75), ran(2, 0.84, 0.9, 0.25)];

/** A study of two methods under one family. */
function study(
  rwa: readonly CellRun[],
  { vwa = vwaRuns, lambda = 0.1 }: { vwa?: readonly CellRun[]; lambda?: number | null } = {},
) {
  return {
    name: "small",
    families: ["rotation"],
    columns,
    baseline: "vwa",
    seeds: [0, 1, 2],
    cells: [
      { family: "rotation", column: "vwa", lambda: null, runs: vwa },
      { family: "rotation", column: "rwa-squaredL2", lambda, runs: rwa },
    ],
  } satisfies StudyResult;
}

const rwaOf = (result: StudyResult) => summarize(result).families[0].columns[1];

describe("a study's summary", () => {
  test("gives mean, standard deviation and the paired difference of each score, as worked by hand", () => {
    const { families, baseline } = summarize(study(rwaRuns));
    const [vwa, rwa] = families[0].columns;
    expect(baseline).toEqual({ column: "vwa", label: "VWA" });
    expect(vwa).toMatchObject({ seeds: 3, lambda: null, missing: [], label: "VWA" });
    expect(rwa).toMatchObject({ seeds: 3, lambda: 0.1, missing: [], regularizer: "squaredL2" });
    const { mean, standardDeviation, difference } = rwa.scores!.robustAccuracy;
    // 0.5, 0.8, 0.9: mean 2.2/3; squared deviations 0.054444 + 0.004444 + 0.027778 = 0.086667, over 2.
    expect([mean, standardDeviation!]).toBeAllClose([0.733333, 0.208167], { atol: 1e-6 });
    // Differences 0.1, 0.2, 0.6: mean 0.3, sd √0.07, half-width 4.302653 · √(0.07/3) = 0.657241.
    expect([difference!.mean, difference!.interval!.low, difference!.interval!.high]).toBeAllClose(
      [0.3, -0.357241, 0.957241],
      { atol: 1e-6 },
    );
    expect(rwa.scores!.cleanAccuracy.mean).toBeCloseTo(0.83, 12);
    expect(rwa.scores!.invarianceScore.mean).toBe(0.5);
  });

  test("has no difference of the baseline to itself", () => {
    expect(summarize(study(rwaRuns)).families[0].columns[0].scores!.robustAccuracy.difference).toBeNull();
  });

  test("takes differences against the column that is asked for", () => {
    const [vwa, rwa] = summarize(study(rwaRuns), { baseline: "rwa-squaredL2" }).families[0].columns;
    expect(vwa.scores!.robustAccuracy.difference!.mean).toBeCloseTo(-0.3, 12);
    expect(rwa.scores!.robustAccuracy.difference).toBeNull();
  });

  test("corrects p-values over all its differences: here three", () => {
    const { cleanAccuracy, robustAccuracy, invarianceScore } = rwaOf(study(rwaRuns)).scores!;
    // Differences: clean −0.1, −0.05, −0.06 (t = −4.58); robust t = 1.96; invariance 0.25, 0.5, 0 (t = √3).
    // With 2 degrees of freedom p = 1 − |t|/√(2 + t²): 0.0445, 0.1885, 0.2254; times 3, 2, 1, never falling.
    const corrected = [cleanAccuracy, robustAccuracy, invarianceScore].map((s) => s.difference!.holmPValue!);
    expect(corrected).toBeAllClose([0.133401, 0.376995, 0.376995], { atol: 1e-6 });
  });

  test("says which seeds are missing and why, and pairs the ones that both have", () => {
    const rwa = rwaOf(study([rwaRuns[0], failed(1, "out of memory\n    at train"), rwaRuns[2]]));
    expect(rwa.missing).toEqual(["2 of 3 seeds: seed 1 failed (out of memory)"]);
    expect(rwa.seeds).toBe(2);
    expect(rwa.scores!.robustAccuracy.mean).toBeCloseTo(0.7, 12);
    expect(rwa.scores!.robustAccuracy.difference).toMatchObject({ count: 2 });
    expect(rwa.scores!.robustAccuracy.difference!.mean).toBeCloseTo(0.35, 12);
  });

  test("says where a difference has fewer seeds than its score, or none", () => {
    const one = rwaOf(study(rwaRuns, { vwa: [vwaRuns[0], notRun(1), notRun(2)] }));
    expect(one.missing).toEqual(["difference over the 1 seed in common with VWA"]);
    expect(one.scores!.robustAccuracy.difference).toMatchObject({ count: 1, interval: null });
    const none = rwaOf(study([rwaRuns[0]], { vwa: [notRun(0), vwaRuns[1]] }));
    expect(none.missing).toEqual([
      "1 of 3 seeds: seeds 1, 2 not run",
      "no difference: no seed in common with VWA",
    ]);
    expect(none.scores!.robustAccuracy.difference).toBeNull();
  });

  test("keeps a cell that has nothing, with the reasons", () => {
    const result = study([failed(0, "diverged"), notRun(1), failed(2, "diverged")], { lambda: null });
    expect(rwaOf(result)).toMatchObject({
      seeds: 0,
      scores: null,
      missing: ["0 of 3 seeds: seeds 0, 2 failed (diverged); seed 1 not run", "no λ chosen"],
    });
    const absent = { ...result, cells: result.cells.slice(0, 1) };
    expect(rwaOf(absent).missing).toEqual(["0 of 3 seeds: seeds 0, 1, 2 not run", "no λ chosen"]);
  });

  test("one seed: means, without spread or interval", () => {
    const summary = summarize({ ...study([rwaRuns[0]]), seeds: [0] });
    expect(summary.families[0].columns[1]).toMatchObject({ seeds: 1, missing: [] });
    expect(summary.families[0].columns[1].scores!.cleanAccuracy).toMatchObject({
      mean: 0.8,
      standardDeviation: null,
      difference: { count: 1, interval: null, holmPValue: null },
    });
  });

  test("an unknown baseline is an error that lists the columns", () => {
    expect(() => summarize(study(rwaRuns), { baseline: "rwa" })).toThrow(
      'The study has no column "rwa" to compare with. Choose one of: vwa, rwa-squaredL2.',
    );
  });
});

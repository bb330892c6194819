import { describe, expect, test } from "vitest";
import {
  estimate,
  holm,
  mean,
  pairedDifference,
  sampleStandardDeviation,
  studentPValue,
  studentQuantile,
} from "./statistics.ts";

const bySeed = (values: Record<number, number>) =>
  new Map(Object.entries(values).map(([seed, value]) => [Number(seed), value]));

describe("Student's t", () => {
  // mpmath 1.3 at 30 digits; the first four digits are those of any printed table.
  test.each([
    [1, 12.7062047361747],
    [2, 4.302652729749464],
    [4, 2.776445105197794],
    [9, 2.262157162798206],
    [30, 2.042272456301238],
  ])("the quantile at 0.975 with %i degrees of freedom is %f", (degreesOfFreedom, expected) => {
    expect([studentQuantile(0.975, degreesOfFreedom)]).toBeAllClose([expected], { atol: 1e-6 });
  });

  test.each([
    [1, 1, 0.5],
    [2, 2, 0.183503419072274],
    [-3.5, 2, 0.07282735005446934],
    [2.5, 9, 0.03386182768298574],
    [60, 2, 0.0002776620905946787],
    [1e6, 2, 9.999999999985e-13],
  ])("the two-sided p-value of t = %f with %i degrees of freedom is %f", (t, degreesOfFreedom, expected) => {
    expect([studentPValue(t, degreesOfFreedom)]).toBeAllClose([expected], { rtol: 1e-6 });
  });
});

describe("mean and spread", () => {
  test("the standard deviation divides by n − 1", () => {
    expect(mean([1, 2, 6])).toBe(3);
    // Squares 4 + 1 + 9 = 14, over 2.
    expect(sampleStandardDeviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 14);
  });

  test("the interval of the mean, worked by hand", () => {
    // Standard error √(7/3) = 1.527525; times 4.302653 = 6.572410.
    const { mean, standardDeviation, count, interval, pValue } = estimate([1, 2, 6]);
    expect({ mean, count }).toEqual({ mean: 3, count: 3 });
    expect([standardDeviation!, interval!.low, interval!.high]).toBeAllClose([2.645751, -3.57241, 9.57241], {
      atol: 1e-5,
    });
    // With 2 degrees of freedom p = 1 − t / √(2 + t²), t = 3 / 1.527525 = 1.963961.
    expect([pValue!]).toBeAllClose([1 - 1.963961 / Math.sqrt(2 + 1.963961 ** 2)], { rtol: 1e-5 });
  });

  test("one value has neither spread nor interval", () => {
    expect(estimate([0.4])).toEqual({
      mean: 0.4,
      standardDeviation: null,
      count: 1,
      interval: null,
      pValue: null,
    });
  });

  test("equal values claim no certainty, even when rounding has told them apart", () => {
    const differences = [0.2 - 0.1, 0.3 - 0.2, 0.4 - 0.3];
    expect(new Set(differences).size).toBeGreaterThan(1);
    expect(estimate(differences)).toMatchObject({ interval: null, pValue: null });
  });

  test("a value that is not a number is an error, and so is none", () => {
    expect(() => estimate([0.5, NaN])).toThrow("No mean of [0.5, NaN]. Pass at least one value");
    expect(() => estimate([])).toThrow("No mean of []");
  });
});

describe("paired differences", () => {
  test("are taken seed by seed, whatever the order", () => {
    // Differences 0.1, 0.2, 0.6: a tenth of the example above.
    const { mean, standardDeviation, interval } = pairedDifference(
      bySeed({ 0: 0.5, 1: 0.8, 2: 0.9 }),
      new Map([
        [2, 0.3],
        [0, 0.4],
        [1, 0.6],
      ]),
    )!;
    expect([mean, standardDeviation!, interval!.low, interval!.high]).toBeAllClose(
      [0.3, 0.2645751, -0.357241, 0.957241],
      { atol: 1e-6 },
    );
  });

  test("leave out seeds that only one of the two has", () => {
    expect(
      pairedDifference(bySeed({ 0: 0.5, 1: 0.8, 7: 0 }), bySeed({ 0: 0.25, 1: 0.5, 9: 1 })),
    ).toMatchObject({
      mean: 0.275,
      count: 2,
    });
  });

  test("over one common seed have no interval, and over none are null", () => {
    expect(pairedDifference(bySeed({ 0: 0.75 }), bySeed({ 0: 0.5, 1: 1 }))).toMatchObject({
      mean: 0.25,
      count: 1,
      interval: null,
    });
    expect(pairedDifference(bySeed({ 0: 0.5 }), bySeed({ 1: 0.5 }))).toBeNull();
  });
});

test("Holm's correction, as R's p.adjust(c(0.01, 0.04, 0.03, 0.005), 'holm')", () => {
  // Ascending 0.005·4, 0.01·3, 0.03·2, 0.04·1; the last is raised to the one before it.
  expect(holm([0.01, 0.04, 0.03, 0.005])).toBeAllClose([0.03, 0.06, 0.06, 0.02], { atol: 1e-15 });
  expect(holm([0.6, 0.9])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

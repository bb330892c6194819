import { expect, test } from "vitest";
import { quantile } from "./quantile.ts";
import { wilson } from "./wilson.ts";

// At the ends the inner bound is z² / (n + z²); the others are Newcombe 1998, table I, method 3.
test.each([
  { successes: 0, total: 10, low: 0, high: 0.2775328 },
  { successes: 10, total: 10, low: 0.7224672, high: 1 },
  { successes: 81, total: 263, low: 0.2553, high: 0.3662 },
  { successes: 15, total: 148, low: 0.0624, high: 0.1605 },
  { successes: 1, total: 29, low: 0.0061, high: 0.1718 },
])("$successes of $total", ({ successes, total, low, high }) => {
  const interval = wilson(successes, total);
  expect(interval.value).toBe(successes / total);
  expect([interval.low, interval.high]).toBeAllClose([low, high], { atol: 5e-5 });
});

test("what is no proportion is refused with its values", () => {
  expect(() => wilson(3, 2)).toThrow("3 of 2 is no proportion");
  expect(() => wilson(0, 0)).toThrow("0 of 0 is no proportion");
});

test("quantiles interpolate between order statistics", () => {
  const sorted = Float64Array.of(1, 2, 4, 8);
  expect([0, 0.25, 0.5, 0.9, 1].map((p) => quantile(sorted, p))).toBeAllClose([1, 1.75, 3, 6.8, 8], {
    atol: 1e-12,
  });
  expect(quantile(Float64Array.of(7), 0.3)).toBe(7);
});

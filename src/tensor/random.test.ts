import { describe, expect, test } from "vitest";
import { random } from "./index.ts";

const draws = (count: number, ...path: (number | string)[]) => {
  const rng = random(1, ...path);
  return Array.from({ length: count }, () => rng.uniform());
};

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("a stream", () => {
  test("is fixed by its seed and path", () => {
    expect(draws(5, "views", 3)).toEqual(draws(5, "views", 3));
    // Golden: runs of other machines and releases must draw the same.
    expect(random(0).integer(1_000_000)).toBe(674_196);
    expect([...random(42, "order", 7).permutation(8)]).toEqual([0, 2, 7, 1, 6, 3, 4, 5]);
  });

  test("differs for other seeds, paths and orders of a path", () => {
    const streams = [
      random(0),
      random(1),
      random(2 ** 32),
      random(2 ** 32 + 1),
      random(0, 0),
      random(0, "a"),
      random(0, "b"),
      random(0, "ab"),
      random(0, "a", 1),
      random(0, 1, "a"),
      random(0, "a", -1),
    ];
    expect(new Set(streams.map((rng) => rng.uniform())).size).toBe(streams.length);
  });

  test("of neighbouring seeds is uncorrelated from the first draw on", () => {
    for (const [one, other] of [
      [0, 1],
      [1, 2],
      [3, 4],
    ]) {
      const [a, b] = [one, other].map((seed) =>
        Array.from({ length: 20_000 }, (_, x) => random(seed, "order", x).uniform() - 0.5),
      );
      // The correlation of independent draws has a standard deviation of 1/√20000 = 0.007.
      expect(Math.abs(mean(a.map((v, i) => v * b[i])) * 12)).toBeLessThan(0.03);
    }
  });

  test("of neighbouring steps is uncorrelated", () => {
    const [a, b] = [0, 1].map((offset) =>
      Array.from({ length: 2000 }, (_, step) => random(0, "views", step + offset).uniform() - 0.5),
    );
    // The correlation of independent draws has a standard deviation of 1/√2000 = 0.022.
    expect(Math.abs(mean(a.map((v, i) => v * b[i])) * 12)).toBeLessThan(0.1);
    expect(Math.abs(mean(a))).toBeLessThan(0.03);
  });
});

test("uniform is in [0, 1) with mean ½ and variance 1/12", () => {
  const values = draws(20_000, "uniform");
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(Math.abs(mean(values) - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(mean(values.map((v) => (v - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.003);
});

test("many numbers at once are those that one after the other gives, and the stream goes on behind them", () => {
  const [one, many] = [random(5, "many"), random(5, "many")];
  const some = new Float64Array(1300);
  many.uniforms(some);
  expect(some.every((value) => value === one.uniform())).toBe(true);
  expect(many.integer(1000)).toBe(one.integer(1000));
});

test("integer reaches every number below its bound equally often", () => {
  const rng = random(3, "integer");
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 14_000; i++) counts[rng.integer(7)]++;
  // 2,000 each; a standard deviation is 41
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  expect(rng.integer(1)).toBe(0);
});

test("normal has mean 0, variance 1 and the tails of a normal distribution", () => {
  const rng = random(4, "normal");
  const values = Array.from({ length: 20_000 }, () => rng.normal());
  expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.abs(mean(values))).toBeLessThan(0.03);
  expect(Math.abs(mean(values.map((v) => v * v)) - 1)).toBeLessThan(0.04);
  expect(Math.abs(mean(values.map((v) => Number(Math.abs(v) > 1.96))) - 0.05)).toBeLessThan(0.006);
});

test("many normal numbers have mean 0, their variance, and the tails and independence of a normal distribution", () => {
  const values = new Float64Array(200_001);
  random(4, "normals").normals(values, 2);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.abs(mean(Array.from(values)))).toBeLessThan(0.02);
  expect(Math.abs(mean(Array.from(values, (v) => v * v)) - 4)).toBeLessThan(0.05);
  for (const [within, share] of [
    [1, 0.6827],
    [1.96, 0.95],
    [3, 0.9973],
  ]) {
    const found = mean(Array.from(values, (v) => Number(Math.abs(v / 2) < within)));
    expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / values.length));
  }
  // Of neighbours, which are drawn together: the correlation of independent ones has a standard deviation of 0.0022.
  const products = Array.from(values.subarray(1), (v, i) => (v * values[i]) / 4);
  expect(Math.abs(mean(products))).toBeLessThan(0.01);
});

test("permutation holds every index once, and every order equally often", () => {
  expect([...random(5).permutation(100)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = random(6, i).permutation(3).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  // 1,000 each; a standard deviation is 29
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  expect([...random(7).permutation(0)]).toEqual([]);
});

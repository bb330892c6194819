import { describe, expect, test } from "vitest";
import { random } from "../tensor/index.ts";
import { planesWasm } from "./planes-memory.ts";
import { addNoise, logarithm, onCircle, plainNoise } from "./added-noise.ts";

const rng = random(3, "added noise");
const image = (length: number) => Float32Array.from({ length }, () => rng.uniform());

describe("WebAssembly has the bits of JavaScript", () => {
  test("is there", () => expect(planesWasm()).not.toBeNull());

  test.each([1, 2, 3, 4, 5, 7, 8, 9, 784, 3073, 150_528])("%d values", (length) => {
    const values = image(length);
    for (const [key, sigma] of [
      [0, 1],
      [2 ** 32 - 1, 0.1],
      [123_456_789, 1e-30],
    ]) {
      const [fast, plain] = [new Float32Array(length), new Float32Array(length)];
      addNoise(values, fast, key, sigma);
      plainNoise(values, plain, key, sigma);
      expect(Buffer.from(fast.buffer).equals(Buffer.from(plain.buffer))).toBe(true);
      if (sigma > 0.01) expect(fast.every((value, i) => value !== values[i])).toBe(true);
    }
  });

  test("in place", () => {
    const values = image(100);
    const apart = new Float32Array(100);
    addNoise(values, apart, 5, 0.2);
    addNoise(values, values, 5, 0.2);
    expect(values).toEqual(apart);
  });
});

test("logarithms are right to 2·10⁻⁷ of themselves, over all that is drawn", () => {
  for (let i = 1; i <= 2 ** 24; i += i < 5000 || i > 2 ** 24 - 5000 ? 1 : 997) {
    const x = i * 2 ** -24;
    expect(Math.abs(logarithm(x) - Math.log(x))).toBeLessThanOrEqual(
      2e-7 * Math.max(Math.abs(Math.log(x)), 1e-30),
    );
  }
});

test("points lie on the circle, evenly", () => {
  const quarters = [0, 0, 0, 0];
  let [sum, others] = [0, 0];
  const steps = 100_003;
  for (let i = 0; i < steps; i++) {
    const [x, y] = onCircle(Math.trunc((i / steps) * 2 ** 32) | 0);
    expect(Math.abs(Math.hypot(x, y) - 1)).toBeLessThan(2e-7);
    quarters[(x < 0 ? 2 : 0) + (y < 0 ? 1 : 0)]++;
    sum += x;
    others += y;
  }
  for (const count of quarters) expect(count / steps).toBeCloseTo(0.25, 3);
  expect(Math.abs(sum / steps)).toBeLessThan(1e-4);
  expect(Math.abs(others / steps)).toBeLessThan(1e-4);
});

test("values of which the last is another draw from the first one on", () => {
  const [a, b] = [new Float32Array(40), new Float32Array(40)];
  b[39] = 2 ** -20;
  const [fromA, fromB] = [new Float32Array(40), new Float32Array(40)];
  addNoise(a, fromA, 1, 1);
  addNoise(b, fromB, 1, 1);
  expect(fromA.slice(0, 39).some((value, i) => value === fromB[i])).toBe(false);
  // Zeros that fill up the last four are not those of a longer image.
  const longer = new Float32Array(43);
  const shorter = new Float32Array(42);
  addNoise(longer, longer, 1, 1);
  addNoise(shorter, shorter, 1, 1);
  expect(longer[0]).not.toBe(shorter[0]);
});

test("tails are those of a normal distribution: skewness, kurtosis, and shares beyond 2, 3 and 4", () => {
  const size = 4_000_000;
  const drawn = new Float32Array(size);
  addNoise(drawn, drawn, 11, 1);
  const moment = (power: number) => drawn.reduce((sum, z) => sum + z ** power, 0) / size;
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / size));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / size));
  for (const [bound, share] of [
    [2, 0.0455003],
    [3, 0.0026998],
    [4, 6.3342e-5],
  ]) {
    const beyond = drawn.reduce((count, z) => count + Number(Math.abs(z) > bound), 0) / size;
    expect(Math.abs(beyond - share)).toBeLessThan(4 * Math.sqrt(share / size));
  }
  // Of numbers one, four (made together) and eight (of the same generator) places apart.
  for (const lag of [1, 2, 4, 8, 16]) {
    const product = drawn.subarray(lag).reduce((sum, z, i) => sum + z * drawn[i], 0) / size;
    const squares =
      drawn.subarray(lag).reduce((sum, z, i) => sum + (z * z - 1) * (drawn[i] ** 2 - 1), 0) / size;
    expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(size));
    expect(Math.abs(squares)).toBeLessThan(8 / Math.sqrt(size));
  }
});

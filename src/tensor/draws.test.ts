import { describe, expect, test } from "vitest";
import { drawNormals, drawUniforms, logarithm, plainNormals, plainUniforms } from "./draws.ts";

describe("WebAssembly draws what the steps in JavaScript draw, to the bit, and leaves the same state", () => {
  test.each([0, 1, 2, 7, 1023, 1024, 1025, 5000])("%d numbers", (length) => {
    for (const seed of [1, -7, 2 ** 31 - 1]) {
      const start = [seed, ~seed, seed * 3 + 1, 42];
      for (const [many, plain] of [
        [drawUniforms, plainUniforms],
        [
          (state: Int32Array, out: Float64Array) => drawNormals(state, out, 0.3),
          (state: Int32Array, out: Float64Array) => plainNormals(state, out, 0.3),
        ],
      ]) {
        const states = [Int32Array.from(start), Int32Array.from(start)];
        const drawn = [new Float64Array(length), new Float64Array(length)];
        many(states[0], drawn[0]);
        plain(states[1], drawn[1]);
        expect(drawn[0]).toEqual(drawn[1]);
        expect(states[0]).toEqual(states[1]);
      }
    }
  });
});

test("the logarithm is the engine's within an ulp", () => {
  let state = 1;
  for (let i = 0; i < 100_000; i++) {
    state = Math.imul(state, 0x915f77f5) + 1;
    const value = ((state >>> 0) + 0.5) * 2 ** -32 * 2 ** -(i % 52);
    const expected = Math.log(value);
    expect(Math.abs(logarithm(value) - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -51.5);
  }
  expect(logarithm(1 - 2 ** -53)).toBe(-(2 ** -53));
});

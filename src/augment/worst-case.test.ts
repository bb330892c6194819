import { describe, expect, test } from "vitest";
import { ShapeError } from "../tensor/index.ts";
import { worstCasePerBatch, worstCasePerSample } from "./worst-case.ts";

// 3 members, 4 samples
const losses = Float32Array.from(
  [
    [0.5, 2, 1, 0],
    [0.7, 2, 0, 0],
    [0.6, 1, 1.5, 0],
  ].flat(),
);

describe("worstCasePerSample", () => {
  test("takes the member of greatest loss; the lower index wins ties", () => {
    expect([...worstCasePerSample(losses, 3, 4)]).toEqual([1, 0, 2, 0]);
  });

  test("counts NaN as the greatest loss, wherever it stands", () => {
    expect([...worstCasePerSample(Float32Array.of(1, NaN, NaN, 5, Infinity, NaN), 3, 2)]).toEqual([1, 0]);
  });
});

describe("worstCasePerBatch", () => {
  test("takes the member of greatest mean loss", () => {
    // means 0.875, 0.675, 0.775
    expect(worstCasePerBatch(losses, 3, 4)).toBe(0);
    expect(worstCasePerBatch(Float32Array.of(1, 1, 0, 3), 2, 2)).toBe(1);
  });

  test("gives ties to the lower index", () => {
    expect(worstCasePerBatch(Float32Array.of(1, 3, 3, 1), 2, 2)).toBe(0);
  });
});

test.each([
  [2, 4],
  [0, 4],
  [3, 0],
])("%i members and %i samples do not fit 12 losses", (members, samples) => {
  expect(() => worstCasePerSample(losses, members, samples)).toThrow(ShapeError);
  expect(() => worstCasePerBatch(losses, members, samples)).toThrow(/the array has 12 values/);
});

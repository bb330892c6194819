import { describe, expect, test } from "vitest";
import { ShapeError, broadcastShapes, normalizeAxis, shapesEqual, sizeOf, stridesOf } from "./index.ts";

test("sizeOf counts elements; a scalar has one", () => {
  expect(sizeOf([2, 3, 4])).toBe(24);
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([5, 0, 2])).toBe(0);
});

test("stridesOf are row-major", () => {
  expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
  expect(stridesOf([])).toEqual([]);
});

test("shapesEqual compares ranks too", () => {
  expect(shapesEqual([2, 3], [2, 3])).toBe(true);
  expect(shapesEqual([2, 3], [2, 3, 1])).toBe(false);
  expect(shapesEqual([2, 3], [3, 2])).toBe(false);
  expect(shapesEqual([], [])).toBe(true);
});

describe("broadcastShapes follows NumPy's rule", () => {
  test.each([
    [[2, 3], [3], [2, 3]],
    [
      [4, 1, 3],
      [2, 1],
      [4, 2, 3],
    ],
    [[], [2, 2], [2, 2]],
    [[1], [0], [0]],
    [[5], [5], [5]],
  ])("[%s] and [%s] give [%s]", (a, b, expected) => {
    expect(broadcastShapes(a, b)).toEqual(expected);
    expect(broadcastShapes(b, a)).toEqual(expected);
  });

  test("and says which axis does not fit", () => {
    expect(() => broadcastShapes([2, 3], [2, 4])).toThrow(ShapeError);
    expect(() => broadcastShapes([2, 3], [4])).toThrow(
      /\[2,3\] and \[4\] do not broadcast: axis 1 has 3 and 4/,
    );
  });
});

test("normalizeAxis counts negative axes from the end", () => {
  expect([-3, -1, 0, 2].map((axis) => normalizeAxis(axis, 3))).toEqual([0, 2, 0, 2]);
  for (const axis of [3, -4, 0.5, NaN]) expect(() => normalizeAxis(axis, 3)).toThrow(ShapeError);
});

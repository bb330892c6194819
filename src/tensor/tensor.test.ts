import { describe, expect, test } from "vitest";
import {
  AlignregError,
  type DType,
  ShapeError,
  UsageError,
  arrayConstructors,
  float32,
  int64,
  isFloat,
  numbersOf,
  tensor,
  zeros,
} from "./index.ts";

describe("tensor", () => {
  test("is zero-filled without data, and holds given data without copying it", () => {
    expect(tensor("int32", [2, 2])).toEqual({ dtype: "int32", shape: [2, 2], data: new Int32Array(4) });
    expect(tensor("float64", [])).toEqual({ dtype: "float64", shape: [], data: new Float64Array(1) });
    const data = Float32Array.of(1, 2, 3);
    expect(float32([3], data).data).toBe(data);
  });

  test("needs as many elements as its shape says", () => {
    expect(() => float32([2, 2], [1, 2, 3])).toThrow(ShapeError);
    expect(() => float32([2, 2], [1, 2, 3])).toThrow("Shape [2,2] needs 4 elements; the data has 3.");
  });

  test("int64 holds bigints, in any shape", () => {
    expect(int64([1, -2])).toEqual({ dtype: "int64", shape: [2], data: BigInt64Array.of(1n, -2n) });
    expect(int64([7], [])).toEqual({ dtype: "int64", shape: [], data: BigInt64Array.of(7n) });
  });

  test("numbersOf gives plain numbers", () => {
    expect(numbersOf(int64([3, -4]))).toEqual([3, -4]);
    expect(numbersOf(float32([1], [0.5]))).toEqual([0.5]);
    expect(numbersOf(tensor("bool", [2], Uint8Array.of(0, 1)))).toEqual([0, 1]);
  });
});

describe.each(Object.keys(arrayConstructors) as DType[])("%s", (dtype) => {
  test("has zeros of its own array type", () => {
    const made = zeros(dtype, 3);
    expect(made).toBeInstanceOf(arrayConstructors[dtype]);
    expect(numbersOf(tensor(dtype, [3], made as never))).toEqual([0, 0, 0]);
  });

  test("carries gradients if it is a float", () => {
    expect(isFloat(dtype)).toBe(dtype.startsWith("float"));
  });
});

test("errors are told apart by class and name, and keep their cause", () => {
  const cause = new Error("why");
  const error = new UsageError("what", { cause });
  expect(error).toBeInstanceOf(AlignregError);
  expect(error).not.toBeInstanceOf(ShapeError);
  expect([error.name, error.message, error.cause]).toEqual(["UsageError", "what", cause]);
});

import { expect, test } from "vitest";
import { random } from "../../../tensor/index.ts";
import { OUTPUTS, type Rows, SEEN, TAPS, imageMatrix, kernelMatrix, outputMatrix } from "./filtering.ts";

const times = (matrix: Rows, vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));

test("six products are four outputs of three taps", () => {
  const rng = random(0, "filtering");
  const numbers = (length: number) => Array.from({ length }, () => rng.normal());
  for (let trial = 0; trial < 20; trial++) {
    const [seen, taps] = [numbers(SEEN), numbers(TAPS)];
    const [image, kernel] = [times(imageMatrix, seen), times(kernelMatrix, taps)];
    const outputs = times(
      outputMatrix,
      image.map((value, i) => value * kernel[i]),
    );
    for (let o = 0; o < OUTPUTS; o++) {
      const direct = taps.reduce((sum, tap, i) => sum + tap * seen[o + i], 0);
      expect(outputs[o]).toBeCloseTo(direct, 12);
    }
  }
});

test("the matrices are exact in float32", () => {
  for (const matrix of [imageMatrix, outputMatrix])
    for (const value of matrix.flat()) expect(Math.fround(value)).toBe(value);
});

import { expect, test } from "vitest";
import { type GraphBuilder, type Value } from "../src/onnx/index.ts";
import { float32, int64, numbersOf } from "../src/tensor/index.ts";
import { runWithGradients } from "./run-graph.ts";

/** The gradient of Σ y by x. */
async function gradientOf(
  values: readonly number[],
  shape: readonly number[],
  build: (g: GraphBuilder, x: Value) => Value,
): Promise<number[]> {
  const results = await runWithGradients({ x: float32(shape, values) }, (g, { x }) =>
    g.sum(g.reshape(build(g, x), [-1]), [0]),
  );
  return numbersOf(results["grad:x"]);
}

test("LpPool: a window of zeros passes no gradient, where the root is vertical", async () => {
  const dx = await gradientOf([0, 0, 3, -4], [1, 1, 4], (g, x) =>
    g.op1("LpPool", [x], { kernel_shape: [2], strides: [2] }),
  );
  [0, 0, 0.6, -0.8].forEach((expected, i) => expect(dx[i]).toBeCloseTo(expected, 6));
});

test("TopK: of equal values the first by index is taken", async () => {
  const dx = await gradientOf(
    [1, 2, 2, 2],
    [4],
    (g, x) => g.op("TopK", [x, g.ints([2])], {}, { outputs: 2 })[0],
  );
  expect(dx).toEqual([0, 1, 1, 0]);
});

test("ScatterElements: two updates put at one place both get its gradient", async () => {
  const dx = await gradientOf([5, 6], [2], (g, x) =>
    g.mul(
      g.op1("ScatterElements", [g.full([3], 1), g.constant(int64([1, 1])), x]),
      g.constant(float32([3], [2, 3, 4])),
    ),
  );
  expect(dx).toEqual([3, 3]);
});

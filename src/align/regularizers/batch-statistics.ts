import type { GraphBuilder, Value } from "../../onnx/index.ts";

/** What one of the batch's numbers is less the mean of them all: [N, K]. */
export const centred = (g: GraphBuilder, z: Value): Value => g.sub(z, g.mean(z, [0], { keep: true }));

/** The sum of squares beside the diagonal of a square matrix [K, K]; 0 where there is nothing beside it. */
export function offDiagonal(g: GraphBuilder, matrix: Value): Value {
  const [size] = matrix.shape;
  const beside = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 0 : 1));
  const kept = g.mul(matrix, g.constant({ dtype: "float32", shape: [size, size], data: beside }));
  return g.sum(g.mul(kept, kept), [0, 1]);
}

import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { ConvGradWeightInputs } from "../conv-window.ts";
import { fusedMatMul } from "../fused-mat-mul.ts";
import { fullPads, stackTaps, strided, tapsOf } from "./taps.ts";

/**
 * dW tap by tap: for each kernel offset, the slice of X it sees times dY, summed over the batch. For maps of many
 * positions (L = Ho·Wo ≥ 150). group = 1.
 *
 *   dy [N, Co, L] · slice [N, Ci, L]ᵀ -> [N, Co, Ci], summed over N
 */
export function batchedTaps(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const [n, ci] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const { strides, dilations } = window;
  const padded = g.pad(x, fullPads(window));
  const flat = g.reshape(dy, [n, co, ho * wo]);
  const taps = tapsOf(window).map(({ i, j }) => {
    const seen = g.slice(padded, [
      strided(2, i * dilations[0], ho, strides[0]),
      strided(3, j * dilations[1], wo, strides[1]),
    ]);
    return g.sum(fusedMatMul(g, flat, g.reshape(seen, [n, ci, ho * wo]), { transB: 1 }), [0]);
  });
  return stackTaps(g, taps, window);
}

/**
 * The same for stride 1, slicing columns once for each kernel column: every row offset is then one contiguous
 * slice, which copies whole rows instead of elements.
 */
export function batchedTapsByColumn(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const [n, ci] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const padded = g.pad(x, fullPads(window));
  const height = padded.shape[2];
  const flat = g.reshape(dy, [n, co, ho * wo]);
  const columns = Array.from({ length: window.kernel[1] }, (_, j) =>
    g.reshape(g.slice(padded, [strided(3, j * window.dilations[1], wo, 1)]), [n, ci, height * wo]),
  );
  const taps = tapsOf(window).map(({ i, j }) => {
    const seen = g.slice(columns[j], [strided(2, i * window.dilations[0] * wo, ho * wo, 1)]);
    return g.sum(fusedMatMul(g, flat, seen, { transB: 1 }), [0]);
  });
  return stackTaps(g, taps, window);
}

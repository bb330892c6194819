import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { ConvGradWeightInputs } from "../conv-window.ts";
import { fullPads, stackTaps, strided, tapsOf } from "./taps.ts";

/**
 * dW as one matrix product per tap, the batch folded into its inner length: for small maps (L < 150) of many
 * channels. group = 1.
 *
 *   dyT [Co, N·L] · slice [Ci, N·L]ᵀ -> [Co, Ci]
 */
export function gemmTaps(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const [n, ci] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const { strides, dilations } = window;
  const padded = g.pad(g.transpose(x, [1, 0, 2, 3]), swapBatch(fullPads(window)));
  const flat = g.reshape(g.transpose(dy, [1, 0, 2, 3]), [co, n * ho * wo]);
  const taps = tapsOf(window).map(({ i, j }) => {
    const seen = g.slice(padded, [
      strided(2, i * dilations[0], ho, strides[0]),
      strided(3, j * dilations[1], wo, strides[1]),
    ]);
    return g.gemm(flat, g.reshape(seen, [ci, n * ho * wo]), { transB: 1 });
  });
  return stackTaps(g, taps, window);
}

/**
 * The same for stride 1 in the layout [C, H, N, W], where a row offset is one contiguous block for the whole batch.
 */
export function gemmTapsByColumn(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const [n, ci] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const [top, left, bottom, right] = window.pads;
  const padded = g.pad(g.transpose(x, [1, 2, 0, 3]), [0, top, 0, left, 0, bottom, 0, right]);
  const height = padded.shape[1];
  const flat = g.reshape(g.transpose(dy, [1, 2, 0, 3]), [co, ho * n * wo]);
  const columns = Array.from({ length: window.kernel[1] }, (_, j) =>
    g.reshape(g.slice(padded, [strided(3, j * window.dilations[1], wo, 1)]), [ci, height * n * wo]),
  );
  const taps = tapsOf(window).map(({ i, j }) => {
    const seen = g.slice(columns[j], [strided(1, i * window.dilations[0] * n * wo, ho * n * wo, 1)]);
    return g.gemm(flat, seen, { transB: 1 });
  });
  return stackTaps(g, taps, window);
}

const swapBatch = (pads: readonly number[]): number[] => [
  ...[pads[1], pads[0], pads[2], pads[3]],
  ...[pads[5], pads[4], pads[6], pads[7]],
];

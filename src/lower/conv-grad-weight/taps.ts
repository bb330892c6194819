import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { ConvWindow } from "../conv-window.ts";

/** Every tap of a two-dimensional kernel, row by row. */
export function tapsOf({ kernel }: ConvWindow): { i: number; j: number }[] {
  const [rows, columns] = kernel;
  return Array.from({ length: rows * columns }, (_, t) => ({ i: Math.floor(t / columns), j: t % columns }));
}

/** The pads of the whole NCHW tensor for a 2-D window. */
export const fullPads = ({ pads: [top, left, bottom, right] }: ConvWindow): number[] => [
  ...[0, 0, top, left],
  ...[0, 0, bottom, right],
];

/** What one kernel offset along an axis sees: `count` positions from `offset`, `stride` apart. */
export const strided = (axis: number, offset: number, count: number, stride: number) => ({
  axis,
  start: offset,
  end: offset + (count - 1) * stride + 1,
  step: stride,
});

/** Per-tap results [Co, Ci], in row order, as a kernel [Co, Ci, kh, kw]. */
export function stackTaps(g: GraphBuilder, taps: readonly Value[], { kernel }: ConvWindow): Value {
  const [co, ci] = taps[0].shape;
  if (taps.length === 1) return g.reshape(taps[0], [co, ci, ...kernel]);
  const columns = taps.map((tap) => g.reshape(tap, [co, ci, 1]));
  return g.reshape(g.concat(columns, 2), [co, ci, ...kernel]);
}

/** Kernels in the memory of blocked convolutions. */
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { Layouts } from "./layouts.ts";
import { reorderOutput } from "./operators.ts";

/** w [Co, Ci, kh, kw] for a direct convolution. A kernel of fewer inputs than a block takes plain images. */
export function forwardWeight(layouts: Layouts, w: Value): Value {
  const held = layouts.held(w);
  const { g, block: b } = layouts;
  const [co, ci, kh, kw] = w.shape;
  const taps = kh * kw;
  if (held?.kind === "weight") {
    if (held.by === "blocks") return held.value;
    const tiles = g.transpose(g.reshape(held.value, [taps, ci / b, b, co / b, b]), [3, 1, 0, 2, 4]);
    return g.reshape(tiles, w.shape);
  }
  const blocked =
    ci < b
      ? g.transpose(g.reshape(w, [co / b, b, ci, taps]), [0, 2, 3, 1])
      : g.transpose(g.reshape(w, [co / b, b, ci / b, b, taps]), [0, 2, 4, 3, 1]);
  return g.reshape(blocked, w.shape);
}

/** w [Co, Ci, kh, kw] tap by tap, [kh·kw, Ci, Co]. */
export function weightByTaps(layouts: Layouts, w: Value): Value {
  const held = layouts.held(w);
  const { g, block: b } = layouts;
  const [co, ci, kh, kw] = w.shape;
  const taps = kh * kw;
  if (held?.kind !== "weight") return g.transpose(g.reshape(w, [co, ci, taps]), [2, 1, 0]);
  if (held.by === "taps") return held.value;
  const tiles = g.transpose(g.reshape(held.value, [co / b, ci / b, taps, b, b]), [2, 1, 3, 0, 4]);
  return g.reshape(tiles, [taps, ci, co]);
}

/** A tap (row, column) of the kernel, or none. */
type Tap = readonly [number, number];

/**
 * The kernel of a convolution that undoes part of another one: inputs and outputs change places, and its taps are
 * chosen ones of w, [Co, Ci, kh, kw] -> [Ci, Co, rows, columns].
 *
 * Within a tile the b×b numbers are transposed by ReorderOutput, which does it by several threads; then one Gather picks
 * whole tiles.
 */
export function backwardWeight(layouts: Layouts, w: Value, taps: readonly (readonly Tap[])[]): Value {
  const { g, block: b } = layouts;
  const [co, ci, kh, kw] = w.shape;
  const [outer, inner] = [co / b, ci / b];
  const tiles = transposedTiles(g, forwardWeight(layouts, w), b);
  const [rows, columns] = [taps.length, taps[0].length];
  const order: number[] = [];
  for (let i = 0; i < inner; i++)
    for (let o = 0; o < outer; o++)
      for (const row of taps) for (const [y, x] of row) order.push(((o * inner + i) * kh + y) * kw + x);
  const picked = g.gather(tiles, g.ints(order));
  return g.reshape(picked, [ci, co, rows, columns]);
}

/** [n·b·b] as tiles [n, b·b], each transposed. */
function transposedTiles(g: GraphBuilder, w: Value, b: number): Value {
  const count = w.shape.reduce((a, c) => a * c, 1) / (b * b);
  return g.reshape(reorderOutput(g, g.reshape(w, [count, b, 1, b])), [count, b * b]);
}

/** Each output channel of w times a number, [Co]. */
export function scaledWeight({ g, block: b }: Layouts, w: Value, scale: Value): Value {
  const [co] = w.shape;
  const rest = w.shape.slice(1).reduce((a, c) => a * c, 1);
  const scaled = g.mul(g.reshape(w, [co / b, rest, b]), g.reshape(scale, [co / b, 1, b]));
  return g.reshape(scaled, w.shape);
}

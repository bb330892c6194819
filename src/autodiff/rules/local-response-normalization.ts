import { type GraphBuilder, type Value, floatAttribute, intAttribute } from "../../onnx/index.ts";
import { type Shape, float32, sizeOf } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * Y = X·s^(−β), s = bias + (α/size)·W X², where (W v)[c] is the sum of v over the channels around c (LRN-13).
 *
 *   dX = dY·s^(−β) − (2αβ/size)·X·W(dY·X·s^(−β−1)), as W is symmetric for the odd sizes that can be run
 */
export const localResponseNormalization: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const size = intAttribute(node, "size");
  const alpha = floatAttribute(node, "alpha", 1e-4);
  const beta = floatAttribute(node, "beta", 0.75);
  const number = (value: number) => g.full([], value, x.dtype);
  const windows = g.cast(g.constant(channelWindows(x.shape[1], size)), x.dtype);

  const squares = sumOverChannels(g, windows, g.mul(x, x), x.shape);
  const s = g.add(g.scale(squares, alpha / size), number(floatAttribute(node, "bias", 1)));
  const direct = g.mul(dy, g.pow(s, number(-beta)));
  const inner = g.div(g.mul(direct, x), s);
  const back = sumOverChannels(g, windows, inner, x.shape);
  return [g.sub(direct, g.mul(x, g.scale(back, (2 * alpha * beta) / size)))];
};

/** [C, C]: row c has ones at the `size` channels around c. */
function channelWindows(channels: number, size: number) {
  const rows = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: channels }, (_, i) => Number(Math.abs(i - c) <= (size - 1) / 2)),
  );
  return float32([channels, channels], rows.flat());
}

const sumOverChannels = (g: GraphBuilder, windows: Value, x: Value, shape: Shape): Value =>
  g.reshape(g.matMul(windows, g.reshape(x, [shape[0], shape[1], sizeOf(shape.slice(2))])), shape);

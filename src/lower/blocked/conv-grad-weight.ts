import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type ConvWindow, allEqual, convWindow, product } from "../conv-window.ts";
import type { Layouts } from "./layouts.ts";
import { conv, reorderInput } from "./operators.ts";
import type { BlockedRule } from "./rule.ts";

/** Maps of at least so many positions are convolved in strips, whose kernels stay in the cache. */
const LARGE_MAP = 256;
/** Rows of dY in a strip. */
const STRIP = 4;

/** dW of Conv. */
export const convGradWeight: BlockedRule = ({ layouts }, node) => {
  const { block } = layouts;
  const [x, dy] = node.inputs;
  const window = convWindow(node);
  if (window.rank !== 2 || window.group !== 1 || !layouts.canBlock(dy) || !layouts.isBlocked(dy)) return null;
  if (x.shape[1] < block) return [fromFewChannels(layouts, x, dy, window)];
  if (x.shape[1] % block !== 0 || x.shape[0] % block !== 0) return null;
  const value = batchAsChannels(layouts, x, dy, window);
  return [layouts.hold({ kind: "weight", value }, value)];
};

/**
 * dW as a convolution of the images with dY for its kernel, in which the batch takes the place of the input channels:
 *
 *   xᵀ [Ci, N, H, W] ⋆ dyᵀ [Co, N, Ho, Wo], dilated by the stride -> [Ci, Co, kh, kw]
 *
 * The padding is made beforehand: within a kernel as large as the map it halves the speed.
 */
function batchAsChannels(layouts: Layouts, x: Value, dy: Value, window: ConvWindow): Value {
  const { g, block: b } = layouts;
  const [n, ci] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const { kernel, strides, dilations } = window;
  const images = exactlySeen(g, g.transpose(layouts.plain(x), [1, 0, 2, 3]), [ho, wo], window);
  const kernels = g.reshape(layouts.view(dy), [n / b, b, co / b, ho * wo, b]);
  const rows = ho * wo < LARGE_MAP || ho % STRIP !== 0 ? ho : STRIP;
  let sum: Value | null = null;
  for (let row = 0; row < ho; row += rows) {
    const part =
      rows === ho ? kernels : g.slice(kernels, [{ axis: 3, start: row * wo, end: (row + rows) * wo }]);
    const start = row * strides[0];
    const seen = (rows - 1) * strides[0] + (kernel[0] - 1) * dilations[0] + 1;
    const strip = rows === ho ? images : g.slice(images, [{ axis: 2, start, end: start + seen }]);
    sum = conv(g, {
      x: reorderInput(g, strip),
      w: g.reshape(g.transpose(part, [2, 0, 3, 1, 4]), [co, n, rows, wo]),
      sum,
      strides: dilations,
      dilations: strides,
    });
  }
  const taps = product(kernel);
  const tiles = g.transpose(g.reshape(sum!, [ci / b, b, co / b, taps, b]), [2, 0, 3, 1, 4]);
  return g.reshape(tiles, [co, ci, ...kernel]);
}

/** The images padded, and cut where the windows do not reach. */
function exactlySeen(g: GraphBuilder, x: Value, output: readonly number[], window: ConvWindow): Value {
  const { kernel, strides, dilations, pads } = window;
  const lengths = output.map((o, i) => (o - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1);
  const after = lengths.map((length, i) => length - x.shape[i + 2] - pads[i]);
  const padded = g.pad(x, [0, 0, pads[0], pads[1], 0, 0, ...after.map((a) => Math.max(a, 0))]);
  const cut = after.flatMap((a, i) => (a < 0 ? [{ axis: i + 2, start: 0, end: lengths[i] }] : []));
  return cut.length > 0 ? g.slice(padded, cut) : padded;
}

/**
 * dW of a first layer: the patches of x are laid out by a convolution with one-hot kernels, and multiplied with dY as it
 * lies. A dY in phases is taken phase by phase, with the patches that each phase saw.
 *
 *   patches [N, 1, Ci·k, L] · dy [N, Co/b, L, b] -> [N, Co/b, Ci·k, b], summed over N
 */
function fromFewChannels(layouts: Layouts, x: Value, dy: Value, window: ConvWindow): Value {
  const { g, block: b } = layouts;
  const { kernel, strides, dilations, pads } = window;
  const [n, ci] = x.shape;
  const co = dy.shape[1];
  const rows = ci * product(kernel);
  const oneHot = Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? 1 : 0));
  const bank = g.constant(float32([rows, ci, ...kernel], oneHot));
  const images = g.pad(layouts.plain(x), [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]]);
  const products = (seen: Value, steps: readonly number[], part: Value): Value => {
    const patches = g.op1("Conv", [seen, bank], { kernel_shape: kernel, strides: steps, dilations });
    const [, , ho, wo] = part.shape;
    const length = ho * wo;
    return g.matMul(g.reshape(patches, [n, 1, rows, length]), g.reshape(part, [n, co / b, length, b]));
  };
  const held = layouts.held(dy);
  const all =
    held?.kind === "phases" && allEqual(strides, 1)
      ? held.parts.flatMap((part, i) => {
          if (!part) return [];
          const [down, along] = [Math.floor(i / held.stride[1]), i % held.stride[1]];
          const [, , h, w] = images.shape;
          const cut = [
            { axis: 2, start: down, end: h },
            { axis: 3, start: along, end: w },
          ].filter(({ start }) => start > 0);
          return products(cut.length > 0 ? g.slice(images, cut) : images, held.stride, part);
        })
      : [products(images, strides, layouts.blocked(dy))];
  const blocked = g.sum(
    all.reduce((sum, part) => g.add(sum, part)),
    [0],
  );
  return g.reshape(g.transpose(blocked, [0, 2, 1]), [co, ci, ...kernel]);
}

import type { Value } from "../../onnx/index.ts";
import { type ConvWindow, convWindow, product } from "../conv-window.ts";
import type { Layouts } from "./layouts.ts";
import { conv, reorderInput } from "./operators.ts";
import type { BlockedRule } from "./rule.ts";
import { fromSmallPatches } from "./small-patches.ts";
import { winogradGradWeight, winogradMap } from "./winograd/index.ts";

/**
 * Bytes of dY that a convolution takes for its kernel: it goes over them once for each row of each channel's dW, so they
 * should stay in the second-level cache.
 */
const KERNEL_BYTES = 1 << 20;

/** Up to so many numbers in a patch, laying patches out costs less than a convolution whose channels are samples. */
const SMALL_PATCH = 64;

/** dW of Conv. */
export const convGradWeight: BlockedRule = (context, node) => {
  const { layouts } = context;
  const [x, dy] = node.inputs;
  const window = convWindow(node);
  const { kernel, rank, group } = window;
  if (rank !== 2 || group !== 1 || !layouts.canBlock(dy)) return null;
  const [n, ci] = x.shape;
  const [spatial, output] = [x.shape.slice(2), dy.shape.slice(2)];
  const map = winogradMap([dy.shape[1], ci, ...kernel], { ...window, spatial, output }, "backward");
  if (map && layouts.canBlock(x)) return [winogradGradWeight(context, x, dy, map)];
  if (!layouts.isBlocked(dy)) return null;
  if (ci * product(kernel) <= SMALL_PATCH) return [fromSmallPatches(layouts, x, dy, window)];
  if (n % layouts.block !== 0) return null;
  const sum = samplesAsChannels(layouts, x, dy, window);
  return [
    ci % layouts.block === 0 ? heldKernel(layouts, sum, window) : unblockedKernel(layouts, sum, window),
  ];
};

/** [Ci, Co, kh, kw] in blocked memory as a kernel for blocked convolutions. */
function heldKernel(layouts: Layouts, sum: Value, { kernel }: ConvWindow): Value {
  const { g, block: b } = layouts;
  const [ci, co] = sum.shape;
  const tiles = g.transpose(g.reshape(sum, [ci / b, b, co / b, product(kernel), b]), [2, 0, 3, 1, 4]);
  const value = g.reshape(tiles, [co, ci, ...kernel]);
  return layouts.hold({ kind: "weight", by: "blocks", value }, value);
}

/** The same as a kernel in plain memory, of any number of input channels. */
function unblockedKernel({ g, block: b }: Layouts, sum: Value, { kernel }: ConvWindow): Value {
  const [ci, co] = sum.shape;
  const lines = g.transpose(g.reshape(sum, [ci, co / b, product(kernel), b]), [1, 3, 0, 2]);
  return g.reshape(lines, [co, ci, ...kernel]);
}

/**
 * dW as a convolution of the images with dY for its kernel, in which samples take the place of the input channels:
 *
 *   xᵀ [Ci, b, H, W] ⋆ dyᵀ [Co, b, Ho, Wo], dilated by the stride -> [Ci, Co, kh, kw] blocked
 *
 * for a block of samples and a strip of rows at a time, each added to the ones before. The padding is made beforehand:
 * within a kernel as wide as the map it halves the speed.
 */
function samplesAsChannels(layouts: Layouts, x: Value, dy: Value, window: ConvWindow): Value {
  const { g, block: b } = layouts;
  const [n, ci, h, w] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const { strides, dilations } = window;
  if (4 * n * co * ho * wo <= KERNEL_BYTES) return allSamplesAtOnce(layouts, x, dy, window);
  const groups = n / b;
  // One reordering for all: a block of samples, each one row of numbers, becomes b numbers for each pixel.
  const rows = g.reshape(layouts.plain(x), [groups, b, 1, ci * h * w]);
  const images = g.reshape(reorderInput(g, rows), [groups, ci, h, w, b]);
  const each = g.split(images, Array<number>(groups).fill(1), 0);
  const gradients = g.split(layouts.view(dy), Array<number>(groups).fill(b), 0);
  const strip = rowsPerStrip(ho, (count) => 4 * co * b * count * wo <= KERNEL_BYTES);
  let sum: Value | null = null;
  gradients.forEach((gradient, group) => {
    g.split(gradient, Array<number>(ho / strip).fill(strip), 2).forEach((part, i) => {
      const seen = seenBy({ first: i * strip, count: strip }, { group, groups, h, w, wo }, window);
      const isCut = seen.some((pad, k) => pad !== 0 && k % 5 > 0);
      const kernels = g.transpose(g.reshape(part, [b, co / b, strip * wo, b]), [1, 2, 0, 3]);
      // Cut and padded in one pass; where a group is all that is taken, one node takes all of them.
      const padded = isCut ? g.pad(images, seen) : each[group];
      sum = conv(g, {
        x: g.reshape(padded, [ci, b, ...padded.shape.slice(2, 4)]),
        w: g.reshape(kernels, [co, b, strip, wo]),
        sum,
        strides: dilations,
        dilations: strides,
      });
    });
  });
  return sum!;
}

/** The same for a batch that fits, in one convolution. */
function allSamplesAtOnce(layouts: Layouts, x: Value, dy: Value, window: ConvWindow): Value {
  const { g, block: b } = layouts;
  const [n, , h, w] = x.shape;
  const [, co, ho, wo] = dy.shape;
  const [, , top, left, , , , bottom, right] = seenBy(
    { first: 0, count: ho },
    { group: 0, groups: 1, h, w, wo },
    window,
  );
  const images = g.pad(g.transpose(layouts.plain(x), [1, 0, 2, 3]), [0, 0, top, left, 0, 0, bottom, right]);
  const kernels = g.transpose(g.reshape(layouts.view(dy), [n / b, b, co / b, ho * wo, b]), [2, 0, 3, 1, 4]);
  return conv(g, {
    x: reorderInput(g, images),
    w: g.reshape(kernels, [co, n, ho, wo]),
    strides: window.dilations,
    dilations: window.strides,
  });
}

/** The most rows that divide the map evenly and fit. */
function rowsPerStrip(total: number, fits: (rows: number) => boolean): number {
  for (let rows = total; rows > 1; rows--) if (total % rows === 0 && fits(rows)) return rows;
  return 1;
}

/** Pads, negative ones cutting off, that leave of [groups, Ci, H, W, b] what some rows of dY saw of one group. */
function seenBy(
  rows: { readonly first: number; readonly count: number },
  { group, groups, h, w, wo }: Readonly<Record<"group" | "groups" | "h" | "w" | "wo", number>>,
  { kernel, strides, dilations, pads: [top, left] }: ConvWindow,
): number[] {
  const axis = (first: number, count: number, i: number, pad: number, length: number) => {
    const start = first * strides[i] - pad;
    const end = start + (count - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    return { before: -start, after: end - length };
  };
  const down = axis(rows.first, rows.count, 0, top, h);
  const along = axis(0, wo, 1, left, w);
  return [-group, 0, down.before, along.before, 0, group + 1 - groups, 0, down.after, along.after, 0];
}

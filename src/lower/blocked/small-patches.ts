import type { Value } from "../../onnx/index.ts";
import { float32 } from "../../tensor/index.ts";
import { type ConvWindow, allEqual, product } from "../conv-window.ts";
import { type PatchWindow, imagePatches } from "../image-patches.ts";
import { croppedStart } from "./cropped-start.ts";
import type { Layouts } from "./layouts.ts";
import { conv, reorderOutput } from "./operators.ts";

/**
 * dW of a first layer, mostly: the patches of x are laid out by a convolution with one-hot kernels, and multiplied with dY as it
 * lies. A dY in phases is taken phase by phase, with the patches that each phase saw.
 *
 *   patches [N, 1, Ci·k, L] · dy [N, Co/b, L, b] -> [N, Co/b, Ci·k, b], summed over N
 */
export function fromSmallPatches(layouts: Layouts, x: Value, dy: Value, window: ConvWindow): Value {
  const { g, block: b } = layouts;
  const { kernel, strides, dilations, pads } = window;
  const [n, ci] = x.shape;
  const co = dy.shape[1];
  const rows = ci * product(kernel);
  const images = g.pad(layouts.plain(x), [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]]);
  const products = (seen: Value, steps: readonly number[], part: Value): Value => {
    const patchWindow = { kernel, strides: steps, dilations, pads: [0, 0, 0, 0] };
    const patches =
      ci < b && steps.some((step) => step > 1)
        ? blockedPatches(layouts, seen, patchWindow)
        : imagePatches(g, seen, patchWindow);
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
          return products(croppedStart(g, images, down, along), held.stride, part);
        })
      : [products(images, strides, layouts.blocked(dy))];
  const blocked = g.sum(
    all.reduce((sum, part) => g.add(sum, part)),
    [0],
  );
  return g.reshape(g.transpose(blocked, [0, 2, 1]), [co, ci, ...kernel]);
}

/**
 * {@link imagePatches} by a direct convolution, which needs no patches itself: with strides it takes two thirds of the time, without
 * them half as long again.
 */
function blockedPatches({ g, block: b }: Layouts, x: Value, window: PatchWindow): Value {
  const ci = x.shape[1];
  const rows = ci * product(window.kernel);
  const filters = Math.ceil(rows / b) * b;
  // [filters/b, rows, b], as a kernel of few inputs lies: filter f picks row f.
  const oneHot = Float32Array.from({ length: filters * rows }, (_, at) => {
    const [row, filter] = [Math.floor(at / b) % rows, Math.floor(at / (b * rows)) * b + (at % b)];
    return Number(row === filter);
  });
  const w = g.constant(float32([filters, ci, ...window.kernel], oneHot));
  return reorderOutput(g, conv(g, { x, w, ...window }), rows);
}

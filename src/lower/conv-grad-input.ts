import { type GraphBuilder, type Value, intsAttribute } from "../onnx/index.ts";
import { float32 } from "../tensor/index.ts";
import { type ConvWindow, allEqual, convWindow, product } from "./conv-window.ts";
import type { Lowering } from "./recipe.ts";

/** dX of Conv: by ConvTranspose, or for wide stride-1 layers by a convolution with the flipped kernel. */
export const convGradInput: Lowering = (g, node) => {
  const [dy, w] = node.inputs;
  const window = convWindow(node);
  const spatial = intsAttribute(node, "spatial");
  return [
    isWide(dy, w, window, spatial) ? flippedKernel(g, dy, w, window) : transposed(g, dy, w, window, spatial),
  ];
};

/** Where the flipped kernel wins: stride 1, ungrouped, more than 64 channels or maps above 16×16. */
function isWide(dy: Value, w: Value, window: ConvWindow, spatial: readonly number[]): boolean {
  const { group, strides, dilations, kernel, pads, rank } = window;
  const fits = pads.every((p, i) => p <= (kernel[i % rank] - 1) * dilations[i % rank]);
  const small = Math.min(w.shape[0], w.shape[1]) <= 64 && spatial[0] <= 16;
  return dy.dtype === "float32" && group === 1 && allEqual(strides, 1) && fits && !small;
}

/** ConvTranspose, with the positions that the stride left over as output padding. */
function transposed(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  window: ConvWindow,
  spatial: readonly number[],
): Value {
  const { kernel, strides, dilations, pads, group, rank } = window;
  const leftOver = spatial.map((n, i) => {
    const covered = (dy.shape[i + 2] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    return n - (covered - pads[i] - pads[i + rank]);
  });
  // ONNX Runtime wants output_padding < stride; what is more is padded with zeros afterwards.
  const inside = leftOver.map((l, i) => Math.min(l, strides[i] - 1));
  const after = leftOver.map((l, i) => l - inside[i]);
  const dx = g.op1("ConvTranspose", [dy, w], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads,
    group,
    output_padding: inside,
  });
  return g.pad(dx, [0, 0, ...spatial.map(() => 0), 0, 0, ...after]);
}

/**
 * Convolution of dY with W transposed in its channels and reversed in space. The reversal is a matrix product with
 * the reversed identity: a slice of negative step would cost 5–10 ms on 512×512×3×3.
 */
function flippedKernel(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  { kernel, dilations, pads, rank }: ConvWindow,
): Value {
  const [co, ci] = w.shape;
  const taps = product(kernel);
  const reversal = Float32Array.from({ length: taps * taps }, (_, i) =>
    (i % taps) + Math.floor(i / taps) === taps - 1 ? 1 : 0,
  );
  const flipped =
    taps === 1
      ? w
      : g.reshape(
          g.matMul(g.reshape(w, [co * ci, taps]), g.constant(float32([taps, taps], reversal))),
          w.shape,
        );
  const spatialAxes = kernel.map((_, i) => i + 2);
  return g.op1("Conv", [dy, g.transpose(flipped, [1, 0, ...spatialAxes])], {
    kernel_shape: kernel,
    strides: kernel.map(() => 1),
    dilations,
    pads: pads.map((p, i) => (kernel[i % rank] - 1) * dilations[i % rank] - p),
    group: 1,
  });
}

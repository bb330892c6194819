import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { ConvGradWeightInputs } from "../conv-window.ts";

/**
 * dW as one convolution: with batch and channels swapped, X is convolved by dY, strides and dilations changing
 * places. It works for every window, group and rank, and is the fastest for few channels; its matrix product has
 * only k·k columns, so it is slow for many.
 *
 *   xT [Ci/g, g·N, …] ⋆ dyT [Co, N, …] -> [Ci/g, Co, k'…], of which the first k are dW
 */
export function transposedConvolution(g: GraphBuilder, { x, dy, window }: ConvGradWeightInputs): Value {
  const { kernel, strides, dilations, pads, group, rank } = window;
  const [n, ci, ...spatial] = x.shape;
  const axes = spatial.map((_, i) => i + 2);
  const perGroup = ci / group;
  const xT =
    group === 1
      ? g.transpose(x, [1, 0, ...axes])
      : g.reshape(
          g.transpose(g.reshape(x, [n, group, perGroup, ...spatial]), [2, 1, 0, ...axes.map((a) => a + 1)]),
          [perGroup, group * n, ...spatial],
        );
  const full = g.op1("Conv", [xT, g.transpose(dy, [1, 0, ...axes])], {
    kernel_shape: dy.shape.slice(2),
    pads,
    strides: dilations,
    dilations: strides,
    group,
  });
  // Positions that no window reaches when the stride does not divide the span give extra taps; drop them.
  const extra = axes.flatMap((axis) =>
    full.shape[axis] > kernel[axis - 2] ? [{ axis, start: 0, end: kernel[axis - 2] }] : [],
  );
  const trimmed = extra.length > 0 ? g.slice(full, extra) : full;
  return g.transpose(trimmed, [1, 0, ...Array.from({ length: rank }, (_, i) => i + 2)]);
}

import { intAttribute, resolveWindow } from "../../onnx/index.ts";
import { channelSum } from "../channel-sum.ts";
import type { GradientRule } from "../rule.ts";
import { convGradInput, convGradWeight } from "../semantic-ops.ts";

/**
 * Y = X ⋆ W + b (Conv-11), any number of spatial axes.
 *
 *   dX = the transposed convolution of dY with W
 *   dW = the correlation of X with dY
 *   db = dY summed over batch and space
 */
export const conv: GradientRule = (g, node, [dy]) => {
  const [x, w, b] = node.inputs;
  const spatial = x.shape.slice(2);
  const window = resolveWindow(node, spatial, w.shape.slice(2));
  const group = intAttribute(node, "group", 1);
  return [
    convGradInput(g, dy, w, window, group, spatial),
    convGradWeight(g, x, dy, window, group),
    b ? channelSum(g, dy) : null,
  ];
};

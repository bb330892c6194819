import { intAttribute, resolveTransposedWindow, resolveWindow, windowAttributes } from "../../onnx/index.ts";
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

/**
 * Y = X transposed-convolved by W, + b (ConvTranspose-11): the gradient of a convolution by its input, so that
 *
 *   dX = dY ⋆ W
 *   dW = that convolution's gradient by its weight, with dY as the input and X as the gradient of the output
 *   db = dY summed over batch and space
 */
export const convTranspose: GradientRule = (g, node, [dy]) => {
  const [x, w, b] = node.inputs;
  const spatial = x.shape.slice(2);
  const window = resolveTransposedWindow(node, spatial, w.shape.slice(2));
  const group = intAttribute(node, "group", 1);
  const convolution = { ...window, output: spatial };
  return [
    g.op1("Conv", [dy, w], { ...windowAttributes(convolution), group }),
    convGradWeight(g, dy, x, convolution, group),
    b ? channelSum(g, dy) : null,
  ];
};

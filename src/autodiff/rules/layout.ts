/** Operators that rearrange elements, each of which keeps its gradient. */
import {
  UnsupportedOpError,
  constantNumbers,
  describeNode,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../onnx/index.ts";
import { isFloat, normalizeAxis } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/** y = x. Identity and Expand (whose gradient the driver sums down). */
export const identity: GradientRule = (_g, _node, [dy]) => [dy];

/** y = x in another shape: dx = dy in the old one. Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshape: GradientRule = (g, { inputs: [x] }, [dy]) => [g.reshape(dy, x.shape)];

/** y = x as another element type. Integers and booleans pass no gradient. */
export const cast: GradientRule = (g, { inputs: [x] }, [dy]) => [
  isFloat(x.dtype) && isFloat(dy.dtype) ? g.cast(dy, x.dtype) : null,
];

/** yₐ = x with axes permuted: dx = dy with the inverse permutation. */
export const transpose: GradientRule = (g, node, [dy]) => {
  const axes = node.inputs[0].shape.map((_, axis) => axis);
  const perm = intsAttribute(node, "perm", axes.toReversed());
  return [
    g.transpose(
      dy,
      axes.map((axis) => perm.indexOf(axis)),
    ),
  ];
};

/** y = inputs joined along an axis: dy is split there. */
export const concat: GradientRule = (g, node, [dy]) => {
  const axis = normalizeAxis(intAttribute(node, "axis"), dy.shape.length);
  return g.split(
    dy,
    node.inputs.map((x) => x.shape[axis]),
    axis,
  );
};

/** y₀, y₁, … = parts of x along an axis: dx joins their gradients. */
export const split: GradientRule = (g, node, dys) => [g.concat(dys, intAttribute(node, "axis", 0))];

/** y = x between constants: dx is the inner part of dy. Negative pads crop, so their gradient is padded with zeros. */
export const pad: GradientRule = (g, node, [dy]) => {
  const mode = stringAttribute(node, "mode", "constant");
  if (mode !== "constant") {
    throw new UnsupportedOpError(
      `${describeNode(node)} pads by "${mode}", which has no gradient rule. Pad with constants instead.`,
      { opType: node.opType, node: node.name },
    );
  }
  const rank = node.inputs[0].shape.length;
  const pads = constantNumbers(node, 1) ?? [];
  const axes = constantNumbers(node, 3) ?? Array.from({ length: rank }, (_, axis) => axis);
  const back = new Array<number>(2 * rank).fill(0);
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, rank);
    back[axis] = -pads[i];
    back[axis + rank] = -pads[i + axes.length];
  });
  return [g.pad(dy, back)];
};

/** Operators that rearrange elements, each of which keeps its gradient. */
import { constantNumbers, intAttribute, intsAttribute, stringAttribute } from "../../onnx/index.ts";
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

/** y = x repeated rᵢ times along each axis: dx is the sum of the copies. */
export const tile: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const repeats = constantNumbers(node, 1) ?? [];
  const copies = g.reshape(
    dy,
    x.shape.flatMap((length, axis) => [repeats[axis], length]),
  );
  return [
    g.sum(
      copies,
      x.shape.map((_, axis) => 2 * axis),
    ),
  ];
};

/** Channels [C·b²] into b×b blocks of space. The gradient goes the way back; CRD takes the block as the inner axis. */
export const depthToSpace: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const b = intAttribute(node, "blocksize");
  if (stringAttribute(node, "mode", "DCR") === "DCR") return [g.op1("SpaceToDepth", [dy], { blocksize: b })];
  const [n, c, h, w] = x.shape;
  const blocks = g.reshape(dy, [n, c / b ** 2, h, b, w, b]);
  return [g.reshape(g.transpose(blocks, [0, 1, 3, 5, 2, 4]), x.shape)];
};

/** b×b blocks of space into channels: the inverse of DepthToSpace in DCR order. */
export const spaceToDepth: GradientRule = (g, node, [dy]) => [
  g.op1("DepthToSpace", [dy], { blocksize: intAttribute(node, "blocksize"), mode: "DCR" }),
];

/** y = the upper or lower triangle of x, 0 elsewhere: dx is that triangle of dy. */
export const trilu: GradientRule = (g, { inputs: [, k], attributes }, [dy]) => [
  g.op1("Trilu", [dy, k ?? null], attributes),
];

/** yᵢ = Σ of xⱼ up to i along an axis: dxⱼ = Σ of dyᵢ from j on, the sum taken the other way round. */
export const cumSum: GradientRule = (g, node, [dy]) => [
  g.op1("CumSum", [dy, node.inputs[1]], {
    exclusive: intAttribute(node, "exclusive", 0),
    reverse: 1 - intAttribute(node, "reverse", 0),
  }),
];

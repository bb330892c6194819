/** Operators that join, cut or pad along axes. */
import { ShapeError, normalizeAxis } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import { padsByAxis } from "../pads.ts";
import { slicedAxes } from "../slice-range.ts";
import { type InferenceNode, type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";

const concat: InferenceRule = (node) => {
  const shapes = node.inputs.map((_, i) => required(node, i).shape);
  const first = required(node, 0).shape;
  const axis = normalizeAxis(intAttribute(node, "axis"), first.length);
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((length, i) => i !== axis && length !== first[i])) {
      throw new ShapeError(`${describeNode(node)} along axis ${axis}: [${first}] and [${shape}] do not fit.`);
    }
  }
  const total = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  return firstTypeWith(node, first.with(axis, total));
};

/** The lengths of Split's parts (opset 18: `split` input, or `num_outputs` nearly equal parts, the last one smaller). */
export function splitLengths(node: InferenceNode): number[] {
  const { shape } = required(node, 0);
  const length = shape[normalizeAxis(intAttribute(node, "axis", 0), shape.length)];
  const count = intAttribute(node, "num_outputs", node.outputCount);
  const part = Math.ceil(length / count);
  const equal = Array.from({ length: count }, (_, i) => (i < count - 1 ? part : length - part * (count - 1)));
  const lengths = constantNumbers(node, 1) ?? equal;
  if (lengths.reduce((a, b) => a + b, 0) !== length || lengths.some((l) => l < 0)) {
    throw new ShapeError(
      `${describeNode(node)} cannot split ${length} elements of [${shape}] into [${lengths}].`,
    );
  }
  return lengths;
}

const split: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", 0), shape.length);
  return splitLengths(node).map((length) => ({ dtype, shape: shape.with(axis, length) }));
};

const slice: InferenceRule = (node) => {
  const result = [...required(node, 0).shape];
  for (const { axis, length } of slicedAxes(node)) result[axis] = length;
  return firstTypeWith(node, result);
};

const pad: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const { before, after } = padsByAxis(node);
  return firstTypeWith(
    node,
    shape.map((length, axis) => length + before[axis] + after[axis]),
  );
};

export const partsInference = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
} satisfies Record<string, InferenceRule>;

/** Operators that move, select or repeat elements. */
import { type Shape, ShapeError, broadcastShapes, normalizeAxis, sizeOf } from "../../tensor/index.ts";
import { describeNode, intAttribute, intsAttribute } from "../attribute.ts";
import {
  type InferenceNode,
  type InferenceRule,
  constantNumbers,
  firstTypeWith,
  required,
  sameAsFirst,
} from "./rule.ts";
import { slicedAxes } from "../slice-range.ts";

const reshape: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const target = constantNumbers(node, 1) ?? [];
  const keepZero = intAttribute(node, "allowzero", 0) === 1;
  const lengths = target.map((length, axis) => (length === 0 && !keepZero ? shape[axis] : length));
  const known = lengths.filter((length) => length !== -1);
  const rest = sizeOf(shape) / sizeOf(known);
  const result = lengths.map((length) => (length === -1 ? rest : length));
  if (
    lengths.length - known.length > 1 ||
    sizeOf(result) !== sizeOf(shape) ||
    !result.every(Number.isInteger)
  ) {
    throw new ShapeError(
      `${describeNode(node)} cannot turn shape [${shape}] (${sizeOf(shape)} elements) into [${target}].`,
    );
  }
  return firstTypeWith(node, result);
};

const flatten: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = intAttribute(node, "axis", 1);
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  return firstTypeWith(node, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
};

const transpose: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const perm = intsAttribute(
    node,
    "perm",
    shape.map((_, axis) => shape.length - 1 - axis),
  );
  if ([...perm].sort((a, b) => a - b).join() !== shape.map((_, axis) => axis).join()) {
    throw new ShapeError(
      `${describeNode(node)}: perm [${perm}] is no permutation of the axes of [${shape}].`,
    );
  }
  return firstTypeWith(
    node,
    perm.map((axis) => shape[axis]),
  );
};

const squeeze: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = constantNumbers(node, 1)?.map((axis) => normalizeAxis(axis, shape.length));
  const axes = given ?? shape.flatMap((length, axis) => (length === 1 ? [axis] : []));
  const wrong = axes.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) {
    throw new ShapeError(
      `${describeNode(node)} cannot squeeze axis ${wrong} of [${shape}]: its length is not 1.`,
    );
  }
  return firstTypeWith(
    node,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
};

const unsqueeze: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const given = constantNumbers(node, 1) ?? [];
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => normalizeAxis(axis, rank)));
  if (axes.size !== given.length)
    throw new ShapeError(`${describeNode(node)} names an axis twice: [${given}].`);
  const rest = shape[Symbol.iterator]();
  return firstTypeWith(
    node,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.next().value as number))),
  );
};

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
  const pads = constantNumbers(node, 1) ?? [];
  const axes = constantNumbers(node, 3)?.map((a) => normalizeAxis(a, shape.length)) ?? shape.map((_, a) => a);
  if (pads.length !== 2 * axes.length) {
    throw new ShapeError(
      `${describeNode(node)}: ${axes.length} axes need ${2 * axes.length} pads, got [${pads}].`,
    );
  }
  const result = [...shape];
  axes.forEach((axis, i) => (result[axis] += pads[i] + pads[i + axes.length]));
  return firstTypeWith(node, result);
};

const gather: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", 0), shape.length);
  return firstTypeWith(node, shape.toSpliced(axis, 1, ...required(node, 1).shape));
};

const gatherElements: InferenceRule = (node) => firstTypeWith(node, required(node, 1).shape);

const expand: InferenceRule = (node) =>
  firstTypeWith(node, broadcastShapes(required(node, 0).shape, constantNumbers(node, 1) ?? []));

const oneHot: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  required(node, 1);
  const [depth] = constantNumbers(node, 1)!;
  const given = intAttribute(node, "axis", -1);
  const axis = normalizeAxis(given, shape.length + 1);
  return [{ dtype: required(node, 2).dtype, shape: shape.toSpliced(axis, 0, depth) }];
};

const shapeOf: InferenceRule = (node) => {
  const rank = required(node, 0).shape.length;
  const clamp = (i: number) => Math.min(Math.max(i < 0 ? i + rank : i, 0), rank);
  const start = clamp(intAttribute(node, "start", 0));
  const end = clamp(intAttribute(node, "end", rank));
  return [{ dtype: "int64", shape: [Math.max(end - start, 0)] }];
};

const resize: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const scales = constantNumbers(node, 2);
  const sizes = constantNumbers(node, 3);
  if (node.attributes.axes !== undefined || (!scales?.length && sizes?.length !== shape.length)) {
    throw new ShapeError(`${describeNode(node)} needs scales or sizes for every axis of [${shape}].`);
  }
  return firstTypeWith(
    node,
    scales?.length ? shape.map((n, i) => Math.floor(n * scales[i])) : (sizes as Shape),
  );
};

export const layoutInference = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: sameAsFirst,
  Expand: expand,
  OneHot: oneHot,
  Resize: resize,
  Shape: shapeOf,
  Size: () => [{ dtype: "int64", shape: [] }],
} satisfies Record<string, InferenceRule>;

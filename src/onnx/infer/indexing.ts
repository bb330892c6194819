/** Operators that pick or place elements by index. */
import { ShapeError, normalizeAxis } from "../../tensor/index.ts";
import { describeNode, intAttribute } from "../attribute.ts";
import { type InferenceRule, constantNumbers, firstTypeWith, required, sameAsFirst } from "./rule.ts";

const gather: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", 0), shape.length);
  return firstTypeWith(node, shape.toSpliced(axis, 1, ...required(node, 1).shape));
};

const gatherElements: InferenceRule = (node) => firstTypeWith(node, required(node, 1).shape);

/** data [b…, d…], indices [b…, i…, k] -> [b…, i…, what is left of d after its first k axes]; b are the batch axes. */
const gatherND: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const indices = required(node, 1).shape;
  const batch = intAttribute(node, "batch_dims", 0);
  const depth = indices.at(-1) ?? 0;
  const sameBatch = shape.slice(0, batch).join() === indices.slice(0, batch).join();
  if (indices.length <= batch || batch + depth > shape.length || !sameBatch) {
    throw new ShapeError(
      `${describeNode(node)}: indices [${indices}] do not fit data [${shape}] with ${batch} batch axes.`,
    );
  }
  return firstTypeWith(node, [...indices.slice(0, -1), ...shape.slice(batch + depth)]);
};

/** data and indices [i…, k], updates [i…, what is left of data after its first k axes] */
const scatterND: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const indices = required(node, 1).shape;
  const updates = required(node, 2).shape;
  const expected = [...indices.slice(0, -1), ...shape.slice(indices.at(-1) ?? 0)];
  if (updates.join() !== expected.join()) {
    throw new ShapeError(
      `${describeNode(node)}: updates [${updates}] must be [${expected}] for indices [${indices}] of [${shape}].`,
    );
  }
  return sameAsFirst(node);
};

const scatterElements: InferenceRule = (node) => {
  const indices = required(node, 1).shape;
  const updates = required(node, 2).shape;
  if (updates.join() !== indices.join()) {
    throw new ShapeError(
      `${describeNode(node)}: updates [${updates}] must be as many as indices [${indices}].`,
    );
  }
  return sameAsFirst(node);
};

const oneHot: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  required(node, 1);
  const [depth] = constantNumbers(node, 1)!;
  const given = intAttribute(node, "axis", -1);
  const axis = normalizeAxis(given, shape.length + 1);
  return [{ dtype: required(node, 2).dtype, shape: shape.toSpliced(axis, 0, depth) }];
};

/** The k largest (or smallest) along an axis, and where they stood. */
const topK: InferenceRule = (node) => {
  const { dtype, shape } = required(node, 0);
  required(node, 1);
  const [k] = constantNumbers(node, 1)!;
  const axis = normalizeAxis(intAttribute(node, "axis", -1), shape.length);
  if (k > shape[axis]) {
    throw new ShapeError(`${describeNode(node)} wants ${k} elements of axis ${axis} of [${shape}].`);
  }
  const picked = shape.with(axis, k);
  return [
    { dtype, shape: picked },
    { dtype: "int64", shape: picked },
  ];
};

export const indexingInference = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  OneHot: oneHot,
  TopK: topK,
  Trilu: sameAsFirst,
  CumSum: sameAsFirst,
} satisfies Record<string, InferenceRule>;

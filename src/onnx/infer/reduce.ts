import { type Shape, normalizeAxis } from "../../tensor/index.ts";
import { intAttribute } from "../attribute.ts";
import { type InferenceNode, type InferenceRule, constantNumbers, firstTypeWith, required } from "./rule.ts";

/** The axes that a reduction (opset 18 form: axes as input) sums over, in ascending order. */
export function reducedAxes(node: InferenceNode): number[] {
  const { shape } = required(node, 0);
  const axes = constantNumbers(node, 1) ?? [];
  if (axes.length > 0) return axes.map((axis) => normalizeAxis(axis, shape.length)).sort((a, b) => a - b);
  return intAttribute(node, "noop_with_empty_axes", 0) ? [] : shape.map((_, axis) => axis);
}

const withoutAxes = (shape: Shape, axes: readonly number[], keep: boolean): number[] =>
  keep
    ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : shape.filter((_, axis) => !axes.includes(axis));

const reduce: InferenceRule = (node) =>
  firstTypeWith(
    node,
    withoutAxes(required(node, 0).shape, reducedAxes(node), intAttribute(node, "keepdims", 1) === 1),
  );

const argReduce: InferenceRule = (node) => {
  const { shape } = required(node, 0);
  const axis = normalizeAxis(intAttribute(node, "axis", 0), shape.length);
  return [{ dtype: "int64", shape: withoutAxes(shape, [axis], intAttribute(node, "keepdims", 1) === 1) }];
};

export const reduceInference = {
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSum: reduce,
  ReduceLogSumExp: reduce,
  ReduceSumSquare: reduce,
  ArgMax: argReduce,
  ArgMin: argReduce,
} satisfies Record<string, InferenceRule>;

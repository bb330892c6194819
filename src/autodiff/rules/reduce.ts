import { type GraphBuilder, type Value, reducedAxes } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { GradientRule, RuleNode } from "../rule.ts";

/** y = Σ x over axes: dx = dy, repeated. */
export const reduceSum: GradientRule = (g, node, [dy]) => [
  g.expand(keepingAxes(g, node, dy), node.inputs[0].shape),
];

/** y = the mean of x over axes: dx = dy/n, repeated. */
export const reduceMean: GradientRule = (g, node, [dy]) => {
  const { shape } = node.inputs[0];
  const count = sizeOf(shape) / sizeOf(dy.shape);
  return [g.expand(keepingAxes(g, node, g.scale(dy, 1 / count)), shape)];
};

/** y = the largest (or smallest) of x over axes: equal ones share dy equally, as in torch.amax. */
export const reduceExtremum: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const isBest = g.cast(g.equal(x, keepingAxes(g, node, node.outputs[0])), x.dtype);
  const share = g.div(keepingAxes(g, node, dy), sumKeeping(g, node, isBest));
  return [g.mul(isBest, share)];
};

/** y = Σ |x|: dx = dy·sign(x), 0 at 0. */
export const reduceL1: GradientRule = (g, node, [dy]) => [
  g.mul(keepingAxes(g, node, dy), g.op1("Sign", [node.inputs[0]])),
];

/** y = √Σ x²: dx = dy·x/y; 0 where y = 0, as in torch.linalg.vector_norm. */
export const reduceL2: GradientRule = (g, node, [dy]) => {
  const inverse = inverseOrZero(g, node.outputs[0]);
  return [g.mul(node.inputs[0], keepingAxes(g, node, g.mul(dy, inverse)))];
};

/** y = Σ x²: dx = 2·dy·x */
export const reduceSumSquare: GradientRule = (g, node, [dy]) => [
  g.mul(node.inputs[0], keepingAxes(g, node, g.scale(dy, 2))),
];

/**
 * y = Π x: each x gets dy times the product of the others, zeros or not.
 *
 * With p the product of those that are not 0: p/x without a zero; p at the only zero, and 0 beside it; 0 if there are
 * more.
 */
export const reduceProd: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const zero = g.full([], 0, x.dtype);
  const isZero = g.cast(g.equal(x, zero), x.dtype);
  const nonzero = g.add(x, isZero);
  const product = reduceKeeping(g, node, "ReduceProd", nonzero);
  const otherZeros = g.sub(sumKeeping(g, node, isZero), isZero);
  const others = g.where(g.equal(otherZeros, zero), g.div(product, nonzero), zero);
  return [g.mul(keepingAxes(g, node, dy), others)];
};

/** y = ln Σ x: dx = dy/Σ x, repeated. */
export const reduceLogSum: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  return [g.expand(g.div(keepingAxes(g, node, dy), sumKeeping(g, node, x)), x.shape)];
};

/**
 * y = ln Σ eˣ: dx = dy·softmax(x), from x − max x, which neither overflows nor loses the digits that e^(x − y) would for
 * a large y.
 */
export const reduceLogSumExp: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const powers = g.exp(g.sub(x, reduceKeeping(g, node, "ReduceMax", x)));
  return [g.mul(powers, g.div(keepingAxes(g, node, dy), sumKeeping(g, node, powers)))];
};

/** 1/x where x > 0, else 0: for norms. No infinity arises on the way, so its own gradient is finite too. */
export function inverseOrZero(g: GraphBuilder, x: Value): Value {
  const zero = g.full([], 0, x.dtype);
  const isPositive = g.greater(x, zero);
  const safe = g.where(isPositive, x, g.full([], 1, x.dtype));
  return g.where(isPositive, g.op1("Reciprocal", [safe]), zero);
}

const sumKeeping = (g: GraphBuilder, node: RuleNode, x: Value): Value =>
  reduceKeeping(g, node, "ReduceSum", x);

/** A reduction over the node's axes, kept at length 1. Over no axes it is x. */
function reduceKeeping(g: GraphBuilder, node: RuleNode, opType: string, x: Value): Value {
  const axes = reducedAxes(node);
  return axes.length === 0 ? x : g.op1(opType, [x, g.ints(axes)], { keepdims: 1 });
}

/** A value of the output's shape, with the reduced axes kept at length 1. */
function keepingAxes(g: GraphBuilder, node: RuleNode, value: Value): Value {
  const axes = reducedAxes(node);
  return g.reshape(
    value,
    node.inputs[0].shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

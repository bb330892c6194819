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
  const axes = reducedAxes(node);
  if (axes.length === 0) return [dy];
  const isBest = g.cast(g.equal(x, keepingAxes(g, node, node.outputs[0])), x.dtype);
  const share = g.div(keepingAxes(g, node, dy), g.sum(isBest, axes, { keep: true }));
  return [g.mul(isBest, share)];
};

/** A value of the output's shape, with the reduced axes kept at length 1. */
function keepingAxes(g: GraphBuilder, node: RuleNode, value: Value): Value {
  const axes = reducedAxes(node);
  return g.reshape(
    value,
    node.inputs[0].shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

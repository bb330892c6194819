import { intAttribute } from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";
import { inverseOrZero } from "./reduce.ts";

/**
 * Y = X/‖X‖ along an axis; 0 where X is all 0, and so is dX there.
 *
 *   p = 2:  dX = (dY − Y·Σ dY·Y)/‖X‖
 *   p = 1:  dX = (dY − sign(X)·Σ dY·Y)/‖X‖, with sign(0) = 0
 */
export const lpNormalization: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const [y] = node.outputs;
  const axis = intAttribute(node, "axis", -1);
  const isEuclidean = intAttribute(node, "p", 2) === 2;
  const norm = g.op1(isEuclidean ? "ReduceL2" : "ReduceL1", [x, g.ints([axis])], { keepdims: 1 });
  const normSlope = isEuclidean ? y : g.op1("Sign", [x]);
  const along = g.sum(g.mul(dy, y), [axis], { keep: true });
  return [g.mul(inverseOrZero(g, norm), g.sub(dy, g.mul(normSlope, along)))];
};

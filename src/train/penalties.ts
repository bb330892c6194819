/** Penalties on weights that a model brings with it: the regularization losses of Keras layers. */
import type { WeightPenalty } from "../models/index.ts";
import { type GraphBuilder, ModelError, type Value } from "../onnx/index.ts";

/**
 * loss + Σ (l1·Σ|w| + l2·Σ w²) over the penalised weights. At w = 0 the subgradient of |w| is 0, as in TensorFlow and
 * PyTorch (TensorFlow.js takes −1).
 *
 * @param weights  by initializer name; those that do not train count in the loss all the same
 */
export function withPenalties(
  g: GraphBuilder,
  loss: Value,
  penalties: readonly WeightPenalty[],
  weights: ReadonlyMap<string, Value>,
): Value {
  return penalties.reduce((sum, { weight: name, l1, l2 }) => {
    const weight = weights.get(name);
    if (!weight) throw new ModelError(`The model has no initializer "${name}" to penalise.`);
    const total = (x: Value) =>
      g.sum(
        x,
        weight.shape.map((_, axis) => axis),
      );
    const first = l1 === 0 ? sum : g.add(sum, g.scale(total(g.op1("Abs", [weight])), l1));
    return l2 === 0 ? first : g.add(first, g.scale(total(g.mul(weight, weight)), l2));
  }, loss);
}

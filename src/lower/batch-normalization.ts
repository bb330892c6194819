import { channelSum } from "../autodiff/index.ts";
import { type GraphBuilder, type Value, float, floatAttribute } from "../onnx/index.ts";
import type { Lowering } from "./recipe.ts";

/**
 * Training-mode BatchNormalization, safely.
 *
 * ONNX Runtime's kernel may let its outputs 2 and 3 share the memory of its inputs 3 and 4 (measured, 1.30). Were
 * those constants or still read elsewhere, others would see garbage. So the kernel gets momentum 0 and two throw-away
 * zero tensors; outputs 2 and 3 are then the batch statistics, from which the running ones follow.
 */
export const trainingBatchNormalization: Lowering = (g, node) => {
  const [x, scale, bias, runningMean, runningVariance] = node.inputs;
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const momentum = floatAttribute(node, "momentum", 0.9);
  const [y, mean, variance] = g.op(
    "BatchNormalization",
    [x, scale, bias, ...throwAwayZeros(g, x)],
    { training_mode: 1, momentum: float(0), epsilon: float(epsilon) },
    { outputs: 3 },
  );
  const blend = (running: Value, batch: Value) =>
    momentum === 0 ? batch : g.add(g.scale(running, momentum), g.scale(batch, 1 - momentum));
  return [y, blend(runningMean, mean), blend(runningVariance, variance)].slice(0, node.outputCount);
};

/**
 * Two zero tensors [C] that nothing else reads. They are made from data, or constant folding would turn them into
 * constants and merge equal ones, and by two different nodes, or common-subexpression elimination would merge those.
 */
function throwAwayZeros(g: GraphBuilder, x: Value): Value[] {
  const first = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [{ axis, start: 0, end: 1 }]));
  const anything = g.reshape(g.slice(x, first), [x.shape[1]]);
  return [g.scale(anything, 0), g.sub(anything, anything)];
}

/**
 * With n values per channel, inv = 1/√(var + ε) and sums over batch and space:
 *
 *   db = Σ dy
 *   dg = inv·(Σ dy·x − mean·db)
 *   dx = a·dy + b·x + c,  a = scale·inv,  b = −a·inv·dg/n,  c = −(a·db/n + b·mean)
 *
 * Inference-mode BatchNormalization with mean 0, variance 1 and ε 0 is the affine b·x + c in one pass.
 */
export const batchNormalizationGrad: Lowering = (g, node) => {
  const [dy, x, scale, mean, variance] = node.inputs;
  const epsilon = floatAttribute(node, "epsilon");
  const channels = scale.shape[0];
  const n = x.shape.reduce((a, b) => a * b, 1) / channels;
  const one = g.full([channels], 1, x.dtype);
  const inverse = g.div(one, g.sqrt(g.add(variance, g.full([], epsilon, x.dtype))));
  const db = channelSum(g, dy);
  const dg = g.mul(inverse, g.sub(channelSum(g, g.mul(dy, x)), g.mul(mean, db)));
  const a = g.mul(scale, inverse);
  const b = g.scale(g.mul(g.mul(a, inverse), dg), -1 / n);
  const c = g.neg(g.add(g.scale(g.mul(a, db), 1 / n), g.mul(b, mean)));
  const zero = g.full([channels], 0, x.dtype);
  const affine = g.op1("BatchNormalization", [x, b, c, zero, one], { epsilon: float(0) });
  const perChannel = g.reshape(a, [channels, ...x.shape.slice(2).map(() => 1)]);
  return [g.add(g.mul(dy, perChannel), affine), dg, db];
};

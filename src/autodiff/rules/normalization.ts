import { UnsupportedOpError, describeNode, floatAttribute, intAttribute } from "../../onnx/index.ts";
import { numbersOf } from "../../tensor/index.ts";
import { channelSum } from "../channel-sum.ts";
import type { GradientRule } from "../rule.ts";
import { batchNormalizationGrad } from "../semantic-ops.ts";

/**
 * Y = scale·(X − mean)/√(var + ε) + bias, per channel (BatchNormalization-15).
 *
 * In training mode mean and var are those of the batch, and the gradient flows through them. With momentum 0 the
 * node's outputs 1 and 2 are these very statistics; else they are computed again. No gradient flows from the
 * running statistics.
 *
 * In inference mode, with the given statistics and inv = 1/√(var + ε):
 *
 *   dX = dY·scale·inv,  dscale = inv·(Σ dY·X − mean·Σ dY),  dbias = Σ dY
 */
export const batchNormalization: GradientRule = (g, node, [dy]) => {
  const [x, scale] = node.inputs;
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  if (intAttribute(node, "training_mode", 0) === 1) {
    const [mean, variance] = batchStatistics(g, node, [dy]);
    return batchNormalizationGrad(g, { dy, x, scale, mean, variance }, epsilon);
  }
  const [, , , mean, variance] = node.inputs;
  const perChannel = [scale.shape[0], ...x.shape.slice(2).map(() => 1)];
  const one = g.full([], 1, x.dtype);
  const inverse = g.div(one, g.sqrt(g.add(variance, g.full([], epsilon, x.dtype))));
  const dBias = channelSum(g, dy);
  const dScale = g.mul(inverse, g.sub(channelSum(g, g.mul(dy, x)), g.mul(mean, dBias)));
  return [g.mul(dy, g.reshape(g.mul(scale, inverse), perChannel)), dScale, dBias];
};

/** Mean and biased variance of each channel over batch and space, [C] each. */
const batchStatistics = (...[g, node]: Parameters<GradientRule>) => {
  const [, mean, variance] = node.outputs;
  if (mean && variance && floatAttribute(node, "momentum", 0.9) === 0) return [mean, variance];
  const [x] = node.inputs;
  const axes = [0, ...x.shape.slice(2).map((_, i) => i + 2)];
  const computed = g.mean(x, axes, { keep: true });
  const centred = g.sub(x, computed);
  return [g.reshape(computed, [x.shape[1]]), g.mean(g.mul(centred, centred), axes)];
};

/** Dropout that drops nothing: not in training mode, or with ratio 0. The trainer masks with a seeded Mul instead. */
export const dropout: GradientRule = (_g, node, [dy]) => {
  const [, ratio, trainingMode] = node.inputs;
  const isZero = (value: (typeof node.inputs)[number]) =>
    value.constant !== undefined && numbersOf(value.constant)[0] === 0;
  if (trainingMode && !isZero(trainingMode) && !(ratio && isZero(ratio))) {
    throw new UnsupportedOpError(
      `${describeNode(node)} draws its own random mask, which the backward pass cannot repeat. ` +
        `Export the model in evaluation mode; the trainer replaces Dropout by a seeded mask.`,
      { opType: node.opType, node: node.name },
    );
  }
  return [dy];
};

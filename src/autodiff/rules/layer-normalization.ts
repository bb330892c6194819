/** Normalizations of each image by itself: over its last axes, its channels, or groups of them. */
import { type GraphBuilder, type Value, floatAttribute, intAttribute } from "../../onnx/index.ts";
import { normalizeAxis, sizeOf } from "../../tensor/index.ts";
import { channelSum } from "../channel-sum.ts";
import type { GradientRule, RuleNode } from "../rule.ts";
import { scaleToUnit, scaleToUnitGrad, standardize, standardizeGrad } from "./standardize.ts";

/**
 * Y = scale·X̂ + bias, X̂ = (X − mean)·r, r = 1/√(var + ε) over the axes from `axis` on (LayerNormalization-17).
 *
 *   dX̂ = dY·scale,  dscale = dY·X̂,  dbias = dY
 *   dX = r·(dX̂ − mean dX̂ − X̂·mean(dX̂·X̂))
 *
 * The outputs mean and r, where asked for, add dmean/n and −dr·r²·X̂/n.
 */
export const layerNormalization: GradientRule = (g, node, [dy, dMean, dInverse]) => {
  const [x, scale] = node.inputs;
  const axes = axesFrom(node);
  const standardized = standardize(g, x, axes, floatAttribute(node, "epsilon", 1e-5));
  const { value, inverse } = standardized;
  const share = 1 / sizeOf(axes.map((axis) => x.shape[axis]));
  let dx = standardizeGrad(g, g.mul(dy, scale), standardized, axes);
  if (dMean) dx = g.add(dx, g.scale(g.cast(dMean, x.dtype), share));
  if (dInverse) {
    const slope = g.mul(g.cast(dInverse, x.dtype), g.mul(inverse, inverse));
    dx = g.sub(dx, g.mul(value, g.scale(slope, share)));
  }
  return [dx, g.mul(dy, value), dy];
};

/**
 * Y = scale·X̂, X̂ = X·r, r = 1/√(mean X² + ε) over the axes from `axis` on (RMSNormalization-23).
 *
 *   dX̂ = dY·scale,  dscale = dY·X̂,  dX = r·(dX̂ − X̂·mean(dX̂·X̂))
 */
export const rmsNormalization: GradientRule = (g, node, [dy]) => {
  const [x, scale] = node.inputs;
  const axes = axesFrom(node);
  const scaled = scaleToUnit(g, x, axes, floatAttribute(node, "epsilon", 1e-5));
  return [scaleToUnitGrad(g, g.mul(dy, scale), scaled, axes), g.mul(dy, scaled.value)];
};

/** Y = scale·X̂ + bias per channel, X̂ over each channel's space. */
export const instanceNormalization: GradientRule = (g, node, [dy]) =>
  channelGroups(g, node, dy, node.inputs[0].shape[1]);

/** Y = scale·X̂ + bias per channel, X̂ over groups of channels and their space (GroupNormalization-21). */
export const groupNormalization: GradientRule = (g, node, [dy]) =>
  channelGroups(g, node, dy, intAttribute(node, "num_groups"));

/** x [N, C, …], scale and bias [C]; x̂ is taken over the last axis of the view [N, groups, …]. */
function channelGroups(g: GraphBuilder, node: RuleNode, dy: Value, groups: number): Value[] {
  const [x, scale] = node.inputs;
  const [n, channels] = x.shape;
  const grouped = (value: Value) => g.reshape(value, [n, groups, sizeOf(x.shape) / (n * groups)]);
  const standardized = standardize(g, grouped(x), [2], floatAttribute(node, "epsilon", 1e-5));
  const perChannel = g.reshape(scale, [channels, ...x.shape.slice(2).map(() => 1)]);
  const dx = standardizeGrad(g, grouped(g.mul(dy, perChannel)), standardized, [2]);
  const dScale = channelSum(g, g.mul(dy, g.reshape(standardized.value, x.shape)));
  return [g.reshape(dx, x.shape), dScale, channelSum(g, dy)];
}

function axesFrom(node: RuleNode): number[] {
  const { shape } = node.inputs[0];
  const first = normalizeAxis(intAttribute(node, "axis", -1), shape.length);
  return shape.flatMap((_, axis) => (axis >= first ? [axis] : []));
}

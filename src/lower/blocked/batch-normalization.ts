import { type Value, floatAttribute, intAttribute } from "../../onnx/index.ts";
import { channelSum } from "./channels.ts";
import type { Layouts } from "./layouts.ts";
import { conv } from "./operators.ts";
import { type BlockedContext, type BlockedRule, isReadOnce } from "./rule.ts";
import { directly } from "./direct.ts";

/**
 * BatchNormalization of blocked images. By given statistics it becomes part of the convolution that made the images;
 * by those of the batch, a depthwise convolution of the centred images, with which a shortcut and ReLU can fuse.
 */
export const batchNormalization: BlockedRule = (context, node) => {
  const { layouts } = context;
  const [x, scale, bias, mean, variance] = node.inputs;
  if (!layouts.isBlocked(x) || !layouts.canBlock(x)) return null;
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const isTraining = intAttribute(node, "training_mode", 0) === 1;
  if (!isTraining) {
    const a = overDeviation(layouts, scale, variance, epsilon);
    return [affineOf(layouts, x, a, layouts.g.sub(bias, layouts.g.mul(mean, a)), isReadOnce(node))];
  }
  // Running statistics are blended by whoever asks for them: with momentum 0 the outputs are the batch's own.
  if (floatAttribute(node, "momentum", 0.9) !== 0) return null;
  const { centred, mean: batchMean } = centre(context, x);
  const count = x.shape[0] * x.shape[2] * x.shape[3];
  const { g } = layouts;
  const batchVariance = g.scale(channelSum(layouts, layouts.holdBlocked(g.mul(centred, centred))), 1 / count);
  const a = overDeviation(layouts, scale, batchVariance, epsilon);
  const y = affineOf(layouts, layouts.holdBlocked(centred), a, bias, isReadOnce(node));
  return [y, batchMean, batchVariance].slice(0, node.outputCount);
};

/**
 * With n values per channel, xc = x − mean, inv = 1/√(var + ε) and sums over batch and space:
 *
 *   db = Σ dy,  dg = inv·Σ dy·xc
 *   dx = a·dy + b·xc + c,  a = scale·inv,  b = −a·inv·dg/n,  c = −a·db/n
 */
export const batchNormalizationGrad: BlockedRule = (context, node) => {
  const { layouts } = context;
  const { g } = layouts;
  const [dy, x, scale, , variance] = node.inputs;
  if (!layouts.isBlocked(x) || !layouts.canBlock(x)) return null;
  const { centred } = centre(context, x);
  const gradient = layouts.blocked(dy);
  const count = x.shape[0] * x.shape[2] * x.shape[3];
  const one = g.full(variance.shape, 1, x.dtype);
  const inverse = overDeviation(layouts, one, variance, floatAttribute(node, "epsilon"));
  const db = channelSum(layouts, dy);
  const dg = g.mul(inverse, channelSum(layouts, layouts.holdBlocked(g.mul(gradient, centred))));
  const a = g.mul(scale, inverse);
  const b = g.scale(g.mul(g.mul(a, inverse), dg), -1 / count);
  const c = g.scale(g.mul(a, db), -1 / count);
  const rest = depthwise(layouts, centred, b, { bias: c });
  return [layouts.holdBlocked(depthwise(layouts, gradient, a, { sum: rest })), dg, db];
};

/** x less its channels' means, made once for both passes. */
function centre({ layouts, centred: known }: BlockedContext, x: Value): { centred: Value; mean: Value } {
  const { g } = layouts;
  const count = x.shape[0] * x.shape[2] * x.shape[3];
  const mean = g.scale(channelSum(layouts, x), 1 / count);
  const there = known.get(x.name);
  if (there) return { centred: there, mean };
  const view = g.sub(layouts.view(x), layouts.perChannel(mean));
  const centred = g.reshape(view, x.shape);
  known.set(x.name, centred);
  return { centred, mean };
}

const overDeviation = ({ g }: Layouts, scale: Value, variance: Value, epsilon: number): Value =>
  g.div(scale, g.sqrt(g.add(variance, g.full([], epsilon, variance.dtype))));

/** a·x + c for each channel. */
function affineOf(layouts: Layouts, x: Value, a: Value, c: Value, mayWait: boolean): Value {
  const { g } = layouts;
  const held = layouts.held(x);
  if (held?.kind !== "pending" || held.finish.sum) {
    const make = directly(layouts, {
      x: layouts.blocked(x),
      w: g.reshape(a, [a.shape[0], 1, 1, 1]),
      group: a.shape[0],
    });
    return layouts.holdPending({ make, finish: { bias: c } }, x, mayWait);
  }
  const { scale, bias } = held.finish;
  const finish = { scale: scale ? g.mul(scale, a) : a, bias: bias ? g.add(g.mul(bias, a), c) : c };
  return layouts.holdPending({ make: held.make, finish }, x, mayWait);
}

/** a·x (+ bias for each channel) (+ sum), one pass over the memory. */
const depthwise = (
  { g }: Layouts,
  x: Value,
  a: Value,
  { bias = null, sum = null }: { bias?: Value | null; sum?: Value | null },
): Value => conv(g, { x, w: g.reshape(a, [a.shape[0], 1, 1, 1]), bias, sum, group: a.shape[0] });

import { type GraphBuilder, type Value, float, floatAttribute, intAttribute } from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";

/**
 * 1 where x > 0, else 0.
 *
 * HardSigmoid with a huge slope is a step function in one pass: exactly 0 at x = 0 and 1 above about 3e-39.
 */
const step = (g: GraphBuilder, x: Value): Value =>
  x.dtype === "float32"
    ? g.op1("HardSigmoid", [x], { alpha: float(3e38), beta: float(0) })
    : g.cast(g.greater(x, g.full([], 0, x.dtype)), x.dtype);

/** y = max(x, 0): dx = dy where y > 0, else 0. At 0 the subgradient 0 is taken, as in PyTorch. */
export const relu: GradientRule = (g, { outputs: [y] }, [dy]) => [g.mul(dy, step(g, y))];

/** y = x where x > 0, else α·x: dx = dy or α·dy; α at 0, as in PyTorch. */
export const leakyRelu: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const alpha = floatAttribute(node, "alpha", 0.01);
  const slope = g.add(g.scale(step(g, x), 1 - alpha), g.full([], alpha, x.dtype));
  return [g.mul(dy, slope)];
};

/** y = x where x > 0, else s·x: dx = dy or s·dy, s at 0 as in PyTorch; ds = dy·min(x, 0). */
export const pRelu: GradientRule = (g, { inputs: [x, slope] }, [dy]) => {
  const zero = g.full([], 0, x.dtype);
  return [g.where(g.greater(x, zero), dy, g.mul(dy, slope)), g.mul(dy, g.op1("Min", [x, zero]))];
};

/** y = x where x > 0, else α(eˣ − 1): dx = dy or dy·α·eˣ; α at 0, as in PyTorch. */
export const elu: GradientRule = (g, node, [dy]) => {
  const alpha = floatAttribute(node, "alpha", 1);
  return [exponentialBelow(g, node.inputs[0], dy, { above: 1, below: alpha, rate: 1 })];
};

/** y = γx where x > 0, else γα(eˣ − 1): dx = γ·dy or dy·γα·eˣ; γα at 0, as in PyTorch. */
export const selu: GradientRule = (g, node, [dy]) => {
  const alpha = floatAttribute(node, "alpha", 1.67326319217681884765625);
  const gamma = floatAttribute(node, "gamma", 1.05070102214813232421875);
  return [exponentialBelow(g, node.inputs[0], dy, { above: gamma, below: gamma * alpha, rate: 1 })];
};

/** y = x where x > 0, else α(e^(x/α) − 1): dx = dy or dy·e^(x/α). No kink. */
export const celu: GradientRule = (g, node, [dy]) => {
  const rate = 1 / floatAttribute(node, "alpha", 1);
  return [exponentialBelow(g, node.inputs[0], dy, { above: 1, below: 1, rate })];
};

/** dy·above where x > 0, else dy·below·e^(rate·x). The exponent is held at 0: a large x would overflow. */
function exponentialBelow(
  g: GraphBuilder,
  x: Value,
  dy: Value,
  { above, below, rate }: { above: number; below: number; rate: number },
): Value {
  const zero = g.full([], 0, x.dtype);
  const decay = g.scale(g.exp(g.scale(g.op1("Min", [x, zero]), rate)), below);
  return g.mul(dy, g.where(g.greater(x, zero), g.full([], above, x.dtype), decay));
}

/** y = x where x > α, else 0: dx = dy there, else 0; 0 at α, as in PyTorch. */
export const thresholdedRelu: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const threshold = g.full([], floatAttribute(node, "alpha", 1), x.dtype);
  return [g.mul(dy, g.cast(g.greater(x, threshold), x.dtype))];
};

/** y = 1/(1 + e⁻ˣ): dx = dy·y·(1 − y) */
export const sigmoid: GradientRule = (g, { outputs: [y] }, [dy]) => [
  g.mul(dy, g.mul(y, g.sub(g.full([], 1, y.dtype), y))),
];

/** y = tanh x: dx = dy·(1 − y²) */
export const tanh: GradientRule = (g, { outputs: [y] }, [dy]) => [
  g.mul(dy, g.sub(g.full([], 1, y.dtype), g.mul(y, y))),
];

/** y = α·x + β held in [0, 1]: dx = α·dy where 0 < y < 1, else 0, as in PyTorch. */
export const hardSigmoid: GradientRule = (g, node, [dy]) => {
  const [y] = node.outputs;
  const isInside = g.op1("And", [
    g.greater(y, g.full([], 0, y.dtype)),
    g.op1("Less", [y, g.full([], 1, y.dtype)]),
  ]);
  // The slope is masked before dy comes in: a huge α must not overflow where nothing passes.
  return [g.mul(dy, g.scale(g.cast(isInside, y.dtype), floatAttribute(node, "alpha", 0.2)))];
};

/**
 * y = x·(x/6 + ½ held in [0, 1]): dx = 0 below −3, dy·(x/3 + ½) from −3 on, dy from 3 on, as in PyTorch. (The last
 * few elements of a tensor, which PyTorch 1.13 does not vectorize, get x/3 + ½ at 3.)
 */
export const hardSwish: GradientRule = (g, { inputs: [x] }, [dy]) => {
  const number = (value: number) => g.full([], value, x.dtype);
  const below = (limit: number) => g.op1("Less", [x, number(limit)]);
  const inside = g.add(g.scale(x, 1 / 3), number(0.5));
  const upTo3 = g.where(below(-3), number(0), inside);
  return [g.mul(dy, g.where(below(3), upTo3, number(1)))];
};

/**
 * y = x held in [low, high]: dx = dy where y = x, so at the bounds too, as in PyTorch. A bound gets the gradient of
 * what it cut off.
 */
export const clip: GradientRule = (g, { inputs: [x, low, high], outputs: [y] }, [dy]) => {
  const part = (condition: Value) => g.mul(dy, g.cast(condition, dy.dtype));
  return [
    part(g.equal(x, y)),
    low ? part(g.op1("Less", [x, low])) : null,
    high ? part(g.greater(x, high)) : null,
  ];
};

/** y = softmax(x) along an axis: dx = y·(dy − Σ dy·y) */
export const softmax: GradientRule = (g, node, [dy]) => {
  const [y] = node.outputs;
  const axis = intAttribute(node, "axis", -1);
  return [g.mul(y, g.sub(dy, g.sum(g.mul(dy, y), [axis], { keep: true })))];
};

/** y = ln softmax(x) along an axis: dx = dy − eʸ·Σ dy */
export const logSoftmax: GradientRule = (g, node, [dy]) => {
  const [y] = node.outputs;
  const axis = intAttribute(node, "axis", -1);
  return [g.sub(dy, g.mul(g.exp(y), g.sum(dy, [axis], { keep: true })))];
};

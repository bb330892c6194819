/** Activations without a kink. */
import {
  type GraphBuilder,
  ModelError,
  type Value,
  describeNode,
  stringAttribute,
} from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";

/** A number in the element type of `like`. */
const number = (g: GraphBuilder, like: Value, value: number): Value => g.full([], value, like.dtype);

/** 1 − x² */
const oneMinusSquare = (g: GraphBuilder, x: Value): Value => g.sub(number(g, x, 1), g.mul(x, x));

/** y = erf x: dx = dy·2/√π·e^(−x²) */
export const erf: GradientRule = (g, { inputs: [x] }, [dy]) => [
  g.mul(dy, g.scale(g.exp(g.neg(g.mul(x, x))), 2 / Math.sqrt(Math.PI))),
];

/** y = ln(1 + eˣ): dx = dy/(1 + e⁻ˣ), which neither end overflows. */
export const softplus: GradientRule = (g, { inputs: [x] }, [dy]) => [g.mul(dy, g.op1("Sigmoid", [x]))];

/** y = x/(1 + |x|): dx = dy/(1 + |x|)² */
export const softsign: GradientRule = (g, { inputs: [x] }, [dy]) => {
  const divisor = g.add(g.op1("Abs", [x]), number(g, x, 1));
  return [g.div(g.div(dy, divisor), divisor)];
};

/** y = x·tanh(softplus x): with t that tangent, dx = dy·(t + x·sigmoid(x)·(1 − t²)) */
export const mish: GradientRule = (g, { inputs: [x] }, [dy]) => {
  const t = g.op1("Tanh", [g.op1("Softplus", [x])]);
  const inner = g.mul(g.mul(x, g.op1("Sigmoid", [x])), oneMinusSquare(g, t));
  return [g.mul(dy, g.add(t, inner))];
};

/** y = x·Φ(x), Φ the normal distribution function, exact or by tanh (Gelu-20). */
export const gelu: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const approximate = stringAttribute(node, "approximate", "none");
  const slope = { none: geluSlope, tanh: tanhGeluSlope }[approximate];
  if (!slope) {
    throw new ModelError(
      `${describeNode(node)} has approximate = "${approximate}"; ONNX defines "none" and "tanh".`,
    );
  }
  return [g.mul(dy, slope(g, x))];
};

/** Φ(x) + x·φ(x), with Φ(x) = ½(1 + erf(x/√2)) and φ(x) = e^(−x²/2)/√(2π) */
function geluSlope(g: GraphBuilder, x: Value): Value {
  const distribution = g.scale(g.add(g.op1("Erf", [g.scale(x, Math.SQRT1_2)]), number(g, x, 1)), 0.5);
  const density = g.scale(g.exp(g.scale(g.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return g.add(distribution, g.mul(x, density));
}

/** y = ½x(1 + t), t = tanh(u), u = k(x + c·x³): y′ = ½(1 + t) + ½x(1 − t²)·k(1 + 3c·x²) */
function tanhGeluSlope(g: GraphBuilder, x: Value): Value {
  const k = Math.sqrt(2 / Math.PI);
  const c = 0.044715;
  const one = number(g, x, 1);
  const square = g.mul(x, x);
  const u = g.mul(g.scale(x, k), g.add(g.scale(square, c), one));
  const t = g.op1("Tanh", [u]);
  const du = g.scale(g.add(g.scale(square, 3 * c), one), k);
  const inner = g.mul(g.mul(x, oneMinusSquare(g, t)), du);
  return g.scale(g.add(g.add(one, t), inner), 0.5);
}

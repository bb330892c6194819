import {
  type GraphBuilder,
  type Value,
  intAttribute,
  intsAttribute,
  padsWithoutCeil,
  resolveWindow,
} from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";
import { convGradInput } from "../semantic-ops.ts";

/**
 * Y = (Σ over a window of |X|ᵖ)^(1/p): dX = |X|ᵖ⁻¹·sign(X)·Σ over the windows that hold it of dY·Y¹⁻ᵖ; 0 where Y is 0.
 *
 * The sum over windows is a transposed depthwise convolution with a kernel of ones.
 */
export const lpPool: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const spatial = x.shape.slice(2);
  const window = resolveWindow(node, spatial, intsAttribute(node, "kernel_shape"));
  const ones = g.full([x.shape[1], 1, ...window.kernel], 1, dy.dtype);
  const p = intAttribute(node, "p", 2);
  const explicit = { ...window, pads: padsWithoutCeil(window, spatial) };
  const shares = convGradInput(g, perNorm(g, dy, node.outputs[0], p), ones, explicit, x.shape[1], spatial);
  return [g.mul(shares, signedPower(g, x, p - 1))];
};

/** dy·y¹⁻ᵖ, 0 where y is 0. */
function perNorm(g: GraphBuilder, dy: Value, y: Value, p: number): Value {
  if (p === 1) return dy;
  const zero = g.full([], 0, y.dtype);
  const isPositive = g.greater(y, zero);
  const safe = g.where(isPositive, y, g.full([], 1, y.dtype));
  return g.where(isPositive, g.div(dy, power(g, safe, p - 1)), zero);
}

/** |x|ᵉ·sign(x) */
const signedPower = (g: GraphBuilder, x: Value, exponent: number): Value =>
  exponent === 1 ? x : g.mul(g.op1("Sign", [x]), power(g, g.op1("Abs", [x]), exponent));

function power(g: GraphBuilder, x: Value, exponent: number): Value {
  if (exponent === 1) return x;
  return g.pow(x, g.full([], exponent, x.dtype));
}

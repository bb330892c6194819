import { type GraphBuilder, type Value } from "../../onnx/index.ts";
import { isFloat, numbersOf } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/** y = a + b + …: the gradient passes to all. Add and Sum. */
export const sum: GradientRule = (_g, { inputs }, [dy]) => inputs.map(() => dy);

/** y = (a + b + …)/n */
export const mean: GradientRule = (g, { inputs }, [dy]) => inputs.map(() => g.scale(dy, 1 / inputs.length));

/** y = a − b */
export const sub: GradientRule = (g, _node, [dy]) => [dy, g.neg(dy)];

/** y = a·b: da = dy·b, db = dy·a */
export const mul: GradientRule = (g, { inputs: [a, b] }, [dy]) => [g.mul(dy, b), g.mul(dy, a)];

/** y = a/b: da = dy/b, db = −dy·y/b */
export const div: GradientRule = (g, { inputs: [, b], outputs: [y] }, [dy]) => {
  const da = g.div(dy, b);
  return [da, g.neg(g.mul(da, y))];
};

/** y = a − b·trunc(a/b) (Mod with fmod): da = dy, db = −dy·trunc(a/b), which is (a − y)/b rounded off. */
export const mod: GradientRule = (g, { inputs: [a, b], outputs: [y] }, [dy]) => {
  const quotient = g.op1("Round", [g.div(g.sub(a, y), b)]);
  return [dy, g.neg(g.mul(dy, quotient))];
};

/** y = −x */
export const neg: GradientRule = (g, _node, [dy]) => [g.neg(dy)];

/** y = |x|: dx = dy·sign(x), 0 at 0. */
export const abs: GradientRule = (g, { inputs: [x] }, [dy]) => [g.mul(dy, g.op1("Sign", [x]))];

/** y = eˣ: dx = dy·y */
export const exp: GradientRule = (g, { outputs: [y] }, [dy]) => [g.mul(dy, y)];

/** y = sin x: dx = dy·cos x */
export const sin: GradientRule = (g, { inputs: [x] }, [dy]) => [g.mul(dy, g.op1("Cos", [x]))];

/** y = cos x: dx = −dy·sin x */
export const cos: GradientRule = (g, { inputs: [x] }, [dy]) => [g.neg(g.mul(dy, g.op1("Sin", [x])))];

/** y = ln x: dx = dy/x */
export const log: GradientRule = (g, { inputs: [x] }, [dy]) => [g.div(dy, x)];

/** y = √x: dx = dy/2y; infinite at 0. */
export const sqrt: GradientRule = (g, { outputs: [y] }, [dy]) => [g.div(g.scale(dy, 0.5), y)];

/** y = 1/x: dx = −dy·y² */
export const reciprocal: GradientRule = (g, { outputs: [y] }, [dy]) => [g.neg(g.mul(dy, g.mul(y, y)))];

/**
 * y = xᵉ: dx = dy·e·xᵉ⁻¹ (0 where e = 0), de = dy·y·ln x where x > 0, else 0.
 *
 * The exponent may be an integer tensor, which then has no gradient.
 */
export const pow: GradientRule = (g, { inputs: [x, exponent], outputs: [y] }, [dy]) => {
  const e = g.cast(exponent, x.dtype);
  const one = g.full([], 1, x.dtype);
  const zero = g.full([], 0, x.dtype);
  const slope = g.mul(e, isConstant(e, 2) ? x : g.pow(x, g.sub(e, one)));
  const dx = g.mul(dy, mayBeZero(e) ? g.where(g.equal(e, zero), zero, slope) : slope);
  if (!isFloat(exponent.dtype)) return [dx, null];
  const isPositive = g.greater(x, zero);
  const logarithm = g.log(g.where(isPositive, x, one));
  return [dx, g.cast(g.where(isPositive, g.mul(dy, g.mul(y, logarithm)), zero), exponent.dtype)];
};

const isConstant = ({ constant }: Value, value: number): boolean =>
  constant !== undefined && numbersOf(constant).every((v) => v === value);

const mayBeZero = ({ constant }: Value): boolean => !constant || numbersOf(constant).includes(0);

/** y = max(a, b, …). Two equal values get half each; more are folded from the left, as torch.maximum would be. */
export const max: GradientRule = (g, { inputs }, [dy]) => extremum(g, inputs, dy, "Max");

/** y = min(a, b, …), with ties as in Max. */
export const min: GradientRule = (g, { inputs }, [dy]) => extremum(g, inputs, dy, "Min");

/**
 * With mₖ = max(mₖ₋₁, xₖ) and sₖ = 1 where xₖ beats mₖ₋₁, ½ where they are equal, 0 elsewhere:
 *
 *   dxₖ = sₖ·dmₖ,  dmₖ₋₁ = dmₖ − dxₖ,  dmₙ = dy
 */
function extremum(g: GraphBuilder, inputs: readonly Value[], dy: Value, opType: "Max" | "Min"): Value[] {
  const [beats, beatsOrTies] = opType === "Max" ? ["Greater", "GreaterOrEqual"] : ["Less", "LessOrEqual"];
  const best = [inputs[0]];
  for (const x of inputs.slice(1)) best.push(g.op1(opType, [best.at(-1)!, x]));
  const dxs: Value[] = [];
  let rest = dy;
  for (let k = inputs.length - 1; k > 0; k--) {
    const [wins, notLoses] = [beats, beatsOrTies].map((comparison) =>
      g.cast(g.op1(comparison, [inputs[k], best[k - 1]]), dy.dtype),
    );
    const dx = g.mul(rest, g.scale(g.add(wins, notLoses), 0.5));
    dxs.unshift(dx);
    rest = g.sub(rest, dx);
  }
  return [rest, ...dxs];
}

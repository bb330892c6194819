/** Trigonometric and hyperbolic functions and their inverses. */
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import type { GradientRule } from "../rule.ts";

const square = (g: GraphBuilder, x: Value): Value => g.mul(x, x);
const one = (g: GraphBuilder, { dtype }: Value): Value => g.cast(g.scalar(1), dtype);

/** y = tan x: dx = dy·(1 + y²) */
export const tan: GradientRule = (g, { outputs: [y] }, [dy]) => [g.mul(dy, g.add(one(g, y), square(g, y)))];

/** y = asin x: dx = dy/√(1 − x²); infinite at ±1. */
export const asin: GradientRule = (g, { inputs: [x] }, [dy]) => [
  g.div(dy, g.sqrt(g.sub(one(g, x), square(g, x)))),
];

/** y = acos x: dx = −dy/√(1 − x²); infinite at ±1. */
export const acos: GradientRule = (g, node, dys) => asin(g, node, dys).map((dx) => dx && g.neg(dx));

/** y = atan x: dx = dy/(1 + x²) */
export const atan: GradientRule = (g, { inputs: [x] }, [dy]) => [g.div(dy, g.add(one(g, x), square(g, x)))];

/** y = sinh x: dx = dy·cosh x */
export const sinh: GradientRule = (g, { inputs: [x] }, [dy]) => [g.mul(dy, g.op1("Cosh", [x]))];

/** y = cosh x: dx = dy·sinh x */
export const cosh: GradientRule = (g, { inputs: [x] }, [dy]) => [g.mul(dy, g.op1("Sinh", [x]))];

/** y = asinh x: dx = dy/√(x² + 1) */
export const asinh: GradientRule = (g, { inputs: [x] }, [dy]) => [
  g.div(dy, g.sqrt(g.add(square(g, x), one(g, x)))),
];

/** y = acosh x: dx = dy/√(x² − 1); infinite at 1. */
export const acosh: GradientRule = (g, { inputs: [x] }, [dy]) => [
  g.div(dy, g.sqrt(g.sub(square(g, x), one(g, x)))),
];

/** y = atanh x: dx = dy/(1 − x²); infinite at ±1. */
export const atanh: GradientRule = (g, { inputs: [x] }, [dy]) => [g.div(dy, g.sub(one(g, x), square(g, x)))];

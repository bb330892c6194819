import type { GradientRule } from "../rule.ts";

/** y = a where the condition holds, else b: dy goes to the one that was taken. */
export const where: GradientRule = (g, { inputs: [condition] }, [dy]) => {
  const zero = g.full([], 0, dy.dtype);
  return [null, g.where(condition, dy, zero), g.where(condition, zero, dy)];
};

/** Constant almost everywhere, made of integers or booleans, or a deliberate stop: nothing flows back. */
export const noGradient: GradientRule = (_g, { inputs }) => inputs.map(() => null);

import type { GradientRule } from "../rule.ts";

/** y = a + b: the gradient passes to both. */
export const add: GradientRule = (_g, _node, [dy]) => [dy, dy];

/** y = a − b */
export const sub: GradientRule = (g, _node, [dy]) => [dy, g.neg(dy)];

/** y = a·b: da = dy·b, db = dy·a */
export const mul: GradientRule = (g, { inputs: [a, b] }, [dy]) => [g.mul(dy, b), g.mul(dy, a)];

/** y = a/b: da = dy/b, db = −dy·y/b */
export const div: GradientRule = (g, { inputs: [, b], outputs: [y] }, [dy]) => {
  const da = g.div(dy, b);
  return [da, g.neg(g.mul(da, y))];
};

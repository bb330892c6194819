import { type GraphBuilder, type Value, float } from "../onnx/index.ts";

/**
 * 1 where x is y, 0 where it is less; y is a maximum of x and others.
 *
 * A step function of their difference, by several threads; the cast of a comparison takes one. Numbers closer than 3e-39
 * count as the same.
 */
export const isMaximum = (g: GraphBuilder, x: Value, y: Value): Value =>
  g.op1("HardSigmoid", [g.sub(x, y)], { alpha: float(3e38), beta: float(1) });

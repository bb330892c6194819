import type { GraphBuilder, Value } from "../../onnx/index.ts";

/** What a backward pass needs of x̂ = (x − mean)·inverse; `inverse` is 1/√(variance + ε), with the axes at length 1. */
export interface Standardized {
  readonly value: Value;
  readonly inverse: Value;
}

/** x with mean 0 and variance 1 over the axes. The variance is that of x − mean, so a large mean costs no digits. */
export function standardize(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  return scaleToUnit(g, g.sub(x, g.mean(x, axes, { keep: true })), axes, epsilon);
}

/** x·inverse, with inverse = 1/√(mean x² + ε) over the axes. */
export function scaleToUnit(
  g: GraphBuilder,
  x: Value,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  const meanSquare = g.mean(g.mul(x, x), axes, { keep: true });
  const inverse = g.op1("Reciprocal", [g.sqrt(g.add(meanSquare, g.full([], epsilon, x.dtype)))]);
  return { value: g.mul(x, inverse), inverse };
}

/** The gradient d of x̂ = {@link standardize} x, taken to x: inverse·(d − mean d − x̂·mean(d·x̂)) */
export function standardizeGrad(
  g: GraphBuilder,
  d: Value,
  standardized: Standardized,
  axes: readonly number[],
): Value {
  return scaleToUnitGrad(g, g.sub(d, g.mean(d, axes, { keep: true })), standardized, axes);
}

/** The gradient d of x̂ = {@link scaleToUnit} x, taken to x: inverse·(d − x̂·mean(d·x̂)) */
export function scaleToUnitGrad(
  g: GraphBuilder,
  d: Value,
  { value, inverse }: Standardized,
  axes: readonly number[],
): Value {
  const along = g.mean(g.mul(d, value), axes, { keep: true });
  return g.mul(inverse, g.sub(d, g.mul(value, along)));
}

import type { GraphBuilder, Value } from "../../onnx/index.ts";

/** The euclidean norm of each row, ready to divide by. */
export interface RowNorms {
  /** [N, 1]; 1 where the row is zero. */
  readonly norm: Value;
  /** Whether the row is zero, or so short that its square vanishes in float32 (below about 1e-23); bool [N, 1]. */
  readonly isZero: Value;
}

/**
 * Norms whose gradient is finite everywhere.
 *
 * √ has an infinite gradient at 0, and no choice made after it helps, as 0 · ∞ is not a number. So 0 is replaced
 * before the root, and the caller replaces the result; every other value is exact, as no ε is added.
 *
 * @param x  [N, K]
 */
export function rowNorms(g: GraphBuilder, x: Value): RowNorms {
  const squared = g.sum(g.mul(x, x), [1], { keep: true });
  const isZero = g.equal(squared, g.scalar(0));
  return { norm: g.sqrt(g.where(isZero, g.scalar(1), squared)), isZero };
}

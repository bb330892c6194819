import { defineRegularizer } from "../define-regularizer.ts";
import { rowNorms } from "./row-norms.ts";

/**
 * l2, unsquared: √Σ (z − z′)² per sample, in logits; 0 exactly when z = z′. Ours: not in the paper.
 *
 * The gradient is a unit vector however close the views are, and 0, a subgradient, where they are equal.
 */
export const l2 = defineRegularizer({
  name: "l2",
  title: "l2",
  distance(g, z, zView) {
    const { norm, isZero } = rowNorms(g, g.sub(z, zView));
    return g.squeeze(g.where(isZero, g.scalar(0), norm), [1]);
  },
});

import { defineRegularizer } from "../define-regularizer.ts";

/**
 * Squared l2: Σ (z − z′)² per sample, in squared logits; 0 exactly when z = z′.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909), where it is the recommended regularizer.
 */
export const squaredL2 = defineRegularizer({
  name: "squaredL2",
  title: "squared l2",
  letter: "S",
  distance(g, z, zView) {
    const difference = g.sub(z, zView);
    return g.sum(g.mul(difference, difference), [1]);
  },
});

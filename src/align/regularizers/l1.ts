import { defineRegularizer } from "../define-regularizer.ts";

/**
 * l1: Σ |z − z′| per sample, in logits; 0 exactly when z = z′.
 *
 * At equal entries the subgradient 0 is taken, as in PyTorch.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909). Its alignment gap is measured in this norm.
 */
export const l1 = defineRegularizer({
  name: "l1",
  title: "l1",
  letter: "L",
  distance: (g, z, zView) => g.sum(g.op1("Abs", [g.sub(z, zView)]), [1]),
});

import { defineRegularizer } from "../define-regularizer.ts";

/**
 * Kullback–Leibler divergence of the predictions: KL(p ‖ p′) = Σ p (log p − log p′) per sample, in nats; p = softmax(z).
 *
 * Not bounded and not symmetric: the clean prediction is the reference. Logarithms come from log-softmax, so it is
 * finite for logits of any size. 0 when z and z′ differ by a constant; rounding may leave about ±1e-7.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909).
 */
export const kl = defineRegularizer({
  name: "kl",
  title: "Kullback–Leibler divergence",
  letter: "K",
  compares: "logits",
  distance(g, z, zView) {
    const logP = g.logSoftmax(z, 1);
    const logRatio = g.sub(logP, g.logSoftmax(zView, 1));
    return g.sum(g.mul(g.exp(logP), logRatio), [1]);
  },
});

import { defineRegularizer } from "../define-regularizer.ts";

/**
 * Jensen–Shannon divergence of the predictions, in nats: ½ KL(p ‖ m) + ½ KL(p′ ‖ m) per sample, where p = softmax(z) and
 * m = ½(p + p′). In [0, log 2], symmetric. Ours: not in the paper.
 *
 * log(p / m) = log(p / (p + p′)) + log 2 is a log-softmax over the pair (log p, log p′), so nothing leaves the logarithms
 * that could vanish in them: it is finite for logits of any size. Rounding may leave about ±1e-7.
 *
 * Source: Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 1991.
 */
export const js = defineRegularizer({
  name: "js",
  title: "Jensen–Shannon divergence",
  compares: "logits",
  distance(g, z, zView) {
    const [samples, classes] = z.shape;
    const logits = g.concat(
      [z, zView].map((one) => g.reshape(one, [samples, classes, 1])),
      2,
    );
    const logPair = g.logSoftmax(logits, 1);
    const logRatio = g.add(g.logSoftmax(logPair, 2), g.scalar(Math.LN2));
    return g.scale(g.sum(g.mul(g.exp(logPair), logRatio), [1, 2]), 0.5);
  },
});

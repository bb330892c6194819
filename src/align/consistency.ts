import type { GraphBuilder, Value } from "../onnx/index.ts";

/** Below this the mixture counts as this: the logarithm of nothing would be infinite. */
const LEAST_PROBABILITY = 1e-7;

/**
 * How far the predictions for several views of an image are apart: the Jensen–Shannon divergence of their softmaxes, in
 * nats, 1/n · Σᵢ KL(pᵢ ‖ m) with m their mean, clamped to [1e-7, 1].
 *
 * 0 where all agree; at most log n. Where m is clamped it has no gradient, as in PyTorch.
 *
 * Source: Hendrycks et al., AugMix, ICLR 2020, section 3, and the authors' cifar.py for the clamp.
 *
 * @param logits  two or more, each [N, K]
 * @returns       [N]
 */
export function consistency(g: GraphBuilder, logits: readonly Value[]): Value {
  const logProbabilities = logits.map((one) => g.logSoftmax(one, 1));
  const probabilities = logProbabilities.map((one) => g.exp(one));
  const sum = probabilities.reduce((a, b) => g.add(a, b));
  const mixture = g.op1("Clip", [g.scale(sum, 1 / logits.length), g.scalar(LEAST_PROBABILITY), g.scalar(1)]);
  const logMixture = g.log(mixture);
  const divergences = logProbabilities.map((one, i) => g.mul(probabilities[i], g.sub(one, logMixture)));
  const total = divergences.reduce((a, b) => g.add(a, b));
  return g.scale(g.sum(total, [1]), 1 / logits.length);
}

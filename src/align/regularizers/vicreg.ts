import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";
import { centred, offDiagonal } from "./batch-statistics.ts";

const [INVARIANCE, VARIANCE, COVARIANCE] = [25, 25, 1];
/** Under the root of a variance, so that a feature that never changes has a gradient. */
const EPSILON = 1e-4;

/**
 * VICReg: 25·invariance + 25·variance + 1·covariance, of the representations of a batch and of its views.
 *
 *   invariance   the mean of (z − z′)² over samples and features
 *   variance     the mean over features of max(0, 1 − √(var + 1e-4)), half of each side's
 *   covariance   Σ cov² beside the diagonal over K, of both sides
 *
 * Variances and covariances are over N − 1, of all images of the batch: more of them, better estimates. Of one image there
 * are none, and the invariance alone is left.
 *
 * Source: Bardes, Ponce & LeCun, VICReg, ICLR 2022, and the authors' main_vicreg.py, which halves the variances and not the
 * covariances.
 */
export const vicreg = defineRegularizer({
  name: "vicreg",
  kind: "batch",
  title: "VICReg 25/25/1",
  term(g, z, zView) {
    const difference = g.sub(z, zView);
    const invariance = g.scale(g.mean(g.mul(difference, difference), [0, 1]), INVARIANCE);
    if (z.shape[0] === 1) return invariance;
    const sides = [z, zView].map((side) => spreadTerms(g, centred(g, side)));
    return sides.reduce((sum, side) => g.add(sum, side), invariance);
  },
});

/** Of one side, [N, K] about its mean. */
function spreadTerms(g: GraphBuilder, side: Value): Value {
  const [samples, features] = side.shape;
  const covariance = g.scale(g.gemm(side, side, { transA: 1 }), 1 / (samples - 1));
  const variance = g.scale(g.sum(g.mul(side, side), [0]), 1 / (samples - 1));
  const deviation = g.sqrt(g.add(variance, g.scalar(EPSILON)));
  const lacking = g.mean(g.op1("Relu", [g.sub(g.scalar(1), deviation)]), [0]);
  return g.add(g.scale(lacking, VARIANCE / 2), g.scale(offDiagonal(g, covariance), COVARIANCE / features));
}

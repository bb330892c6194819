import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";
import { centred, offDiagonal } from "./batch-statistics.ts";

/** The authors' weight of what is beside the diagonal. */
const OFF_DIAGONAL = 0.0051;
/** Of the authors' BatchNorm1d. */
const EPSILON = 1e-5;

/**
 * Barlow Twins: Σ (1 − c_kk)² + 0.0051·Σ c_kl² beside the diagonal, with c the correlations, over the batch, of the features
 * of the images and of those of their views: [K, K].
 *
 * Correlations are over N, of features normalised by the batch's mean and variance (ε 1e-5, no scale or shift). More images,
 * better estimates; of one image there are none, and the term is 0, without a gradient.
 *
 * Source: Zbontar, Jing, Misra, LeCun & Deny, Barlow Twins, ICML 2021, and the authors' main.py, without its projector.
 */
export const barlow = defineRegularizer({
  name: "barlow",
  kind: "batch",
  title: "Barlow Twins",
  term(g, z, zView) {
    const [samples, features] = z.shape;
    if (samples === 1) return g.scalar(0);
    const [a, b] = [normalized(g, z), normalized(g, zView)];
    const correlation = g.scale(g.gemm(a, b, { transA: 1 }), 1 / samples);
    const diagonal = g.scale(g.sum(g.mul(a, b), [0]), 1 / samples);
    const lacking = g.sub(g.scalar(1), diagonal);
    return g.add(
      g.sum(g.mul(lacking, lacking), [0]),
      features === 1 ? g.scalar(0) : g.scale(offDiagonal(g, correlation), OFF_DIAGONAL),
    );
  },
});

function normalized(g: GraphBuilder, z: Value): Value {
  const side = centred(g, z);
  const variance = g.mean(g.mul(side, side), [0], { keep: true });
  return g.div(side, g.sqrt(g.add(variance, g.scalar(EPSILON))));
}

import { defineRegularizer } from "../define-regularizer.ts";
import { rowNorms } from "./row-norms.ts";

/**
 * Cosine distance: 1 − ⟨z, z′⟩ / (‖z‖ ‖z′‖) per sample, in [0, 2].
 *
 * Computed as ½‖u − u′‖² of the unit vectors u = z/‖z‖, u′ = z′/‖z′‖, which is the same number without the
 * cancellation of 1 − 1: never negative, 0 exactly when z = z′, and accurate for views that almost agree.
 *
 * A zero vector has no direction. By convention two of them are at distance 0 and one is at distance 1 from any other
 * vector, as a right angle would be; the gradient there is 0 on both sides.
 *
 * Source: Wang, Huang, Wu & Xing, KDD 2022 (arXiv 2206.01909).
 */
export const cosine = defineRegularizer({
  name: "cosine",
  title: "cosine",
  letter: "C",
  distance(g, z, zView) {
    const [clean, view] = [rowNorms(g, z), rowNorms(g, zView)];
    const difference = g.sub(g.div(z, clean.norm), g.div(zView, view.norm));
    const distance = g.scale(g.sum(g.mul(difference, difference), [1], { keep: true }), 0.5);
    const eitherIsZero = g.op1("Or", [clean.isZero, view.isZero]);
    const bothAreZero = g.op1("And", [clean.isZero, view.isZero]);
    const byConvention = g.where(bothAreZero, g.scalar(0), g.scalar(1));
    return g.squeeze(g.where(eitherIsZero, byConvention, distance), [1]);
  },
});

import { stopGradient } from "../../autodiff/index.ts";
import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { defineRegularizer } from "../define-regularizer.ts";

/** Widths of the Gaussian kernels: exp(−‖x − y‖² / (w·b)) for w = ¼, ½, 1, 2, 4. */
const WIDEST = 4;
const KERNELS = 5;

/**
 * Squared maximum mean discrepancy of the batch of clean representations and that of their views. Ours: not in the paper.
 *
 *   MMD² = 1/N² Σᵢⱼ k(zᵢ, zⱼ) + k(z′ᵢ, z′ⱼ) − k(zᵢ, z′ⱼ) − k(z′ᵢ, zⱼ)
 *
 * The value of sample i is its share, the mean over j; a share may be negative, their mean is MMD² in [0, 2], 0 exactly
 * when the two sets are equal. It compares sets: which view belongs to which image plays no part.
 *
 * k is the mean of five Gaussian kernels around the bandwidth b, the mean squared distance of two of the 2N points. b has
 * no gradient, or the term could be lowered by driving one point far away. b follows the scale of the representation, as
 * the usual median does; the five widths cover what mean and median differ by, and the mean needs no sorting. When all
 * points are equal b is 1, and value and gradient are 0.
 *
 * Source: Gretton, Borgwardt, Rasch, Schölkopf & Smola, A Kernel Two-Sample Test, JMLR 13, 2012: the biased statistic,
 * the bandwidth from the pooled sample. Several bandwidths: Li, Swersky & Zemel, ICML 2015.
 */
export const mmd = defineRegularizer({
  name: "mmd",
  title: "squared maximum mean discrepancy",
  distance(g, z, zView) {
    const samples = z.shape[0];
    const halves = [samples, samples];
    const [toClean, toView] = g.split(kernelMatrix(g, g.concat([z, zView], 0)), halves, 1);
    const [clean, view] = g.split(g.mean(g.sub(toClean, toView), [1]), halves, 0);
    return g.sub(clean, view);
  },
});

/** k of every pair of rows of `x` [M, K]: [M, M]. */
function kernelMatrix(g: GraphBuilder, x: Value): Value {
  const points = x.shape[0];
  // Distances do not depend on the origin. Near the centre ‖x‖² + ‖y‖² − 2⟨x, y⟩ loses the fewest digits.
  const centred = g.sub(x, stopGradient(g, g.mean(x, [0], { keep: true })));
  const squared = g.sum(g.mul(centred, centred), [1], { keep: true });
  const inner = g.gemm(centred, centred, { transB: 1 });
  const distances = g.sub(g.add(squared, g.transpose(squared, [1, 0])), g.scale(inner, 2));
  const bandwidth = bandwidthOf(g, squared, points);

  // Halving the width squares the kernel, so one exponential serves all five.
  let kernel = g.exp(g.neg(g.div(distances, g.scale(bandwidth, WIDEST))));
  let sum = kernel;
  for (let i = 1; i < KERNELS; i++) {
    kernel = g.mul(kernel, kernel);
    sum = g.add(sum, kernel);
  }
  return g.scale(sum, 1 / KERNELS);
}

/**
 * The mean of ‖x − y‖² over pairs of different points, by their squared distances [M, 1] to the common centre:
 * Σₓ Σᵧ ‖x − y‖² = 2M Σₓ ‖x‖², over M(M − 1) pairs. 1 where that is 0.
 */
function bandwidthOf(g: GraphBuilder, squared: Value, points: number): Value {
  const mean = g.scale(g.sum(stopGradient(g, squared), [0, 1]), 2 / (points - 1));
  return g.where(g.equal(mean, g.scalar(0)), g.scalar(1), mean);
}

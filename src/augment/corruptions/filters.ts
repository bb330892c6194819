/** Gaussians, and correlations with kernels. */
import { type Border, type Pass, type PlaneSize, passOf } from "../filter-pass.ts";
import { filtered } from "../plane-filter.ts";

/** A Gaussian that sums to 1, [2 · reach + 1]. */
export function gaussianKernel(sigma: number, reach: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    sigma === 0 ? 1 : Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

/** The passes of a Gaussian blur, cut at `truncate` standard deviations, as SciPy's and scikit-image's. */
export function gaussianPasses(
  size: PlaneSize,
  sigmas: readonly [down: number, right: number],
  border: Border,
  truncate = 4,
): readonly Pass[] {
  const [down, right] = sigmas.map((sigma) => {
    const reach = Math.floor(truncate * sigma + 0.5);
    return Array.from(gaussianKernel(sigma, reach), (weight, i) => [i - reach, weight] as const);
  });
  return [
    passOf(
      size,
      border,
      down.map(([place, weight]) => [place, 0, weight]),
    ),
    passOf(
      size,
      border,
      right.map(([place, weight]) => [0, place, weight]),
    ),
  ];
}

/** A Gaussian blur of planes [count, H, W]. */
export const gaussianFilter = (
  planes: Float32Array,
  size: PlaneSize,
  sigmas: readonly [number, number],
  border: Border,
  truncate?: number,
): Float32Array => filtered(planes, size, gaussianPasses(size, sigmas, border, truncate));

/** The correlation with a square kernel of an odd side; taps of 0 cost nothing. */
export function kernelPass(size: PlaneSize, kernel: Float64Array, border: Border): Pass {
  const side = Math.sqrt(kernel.length);
  const reach = (side - 1) / 2;
  const taps = Array.from(
    kernel,
    (weight, i) => [Math.floor(i / side) - reach, (i % side) - reach, weight] as const,
  );
  return passOf(
    size,
    border,
    taps.filter(([, , weight]) => weight !== 0),
  );
}

/** The correlation of a plane [H, W] with a square kernel. */
export const correlated = (
  plane: Float32Array,
  size: PlaneSize,
  kernel: Float64Array,
  border: Border,
): Float32Array => filtered(plane, size, [kernelPass(size, kernel, border)]);

import { UsageError } from "../tensor/index.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { outputFor } from "./output.ts";

export interface BlurOptions {
  /** Standard deviations of the members' Gaussians, in pixels of the image at hand; positive. */
  readonly sigmas?: readonly number[];
}

/**
 * Gaussian blur. A sigma is in pixels whatever the image size, as in torchvision. The kernel reaches ⌈3σ⌉ pixels
 * to each side, sampled and divided by its sum; the image is continued by reflection about its border pixels.
 * Equal to torchvision's `functional.gaussian_blur(images, 2·⌈3σ⌉ + 1, σ)`, which refuses images smaller than
 * the kernel's reach; here reflection goes on to and fro.
 */
export const blur = ({ sigmas = [0.5, 1, 1.5, 2] }: BlurOptions = {}): TransformFamily =>
  family("blur", "standard deviation in pixels", sigmas.map(blurBy));

function blurBy(sigma: number): Transform {
  if (!Number.isFinite(sigma) || sigma <= 0) {
    throw new UsageError(`Cannot blur with standard deviation ${sigma}. Give a positive number of pixels.`);
  }
  const kernel = gaussianKernel(sigma);
  return {
    name: `blur σ ${sigma}`,
    parameters: { sigma },
    apply(images, out) {
      const [n, channels, height, width] = images.shape;
      const blurred = outputFor(images, out);
      const alongX = reflectedTaps(width, kernel.length);
      const alongY = reflectedTaps(height, kernel.length);
      const planeSize = height * width;
      const rows = new Float64Array(planeSize);
      for (let start = 0; start < n * channels * planeSize; start += planeSize) {
        const plane = images.data.subarray(start, start + planeSize);
        convolve(plane, [height, width, 1], kernel, alongX, rows);
        convolve(rows, [1, height, width], kernel, alongY, blurred.subarray(start, start + planeSize));
      }
      return blurred;
    },
  };
}

/** A normalised Gaussian, [2·⌈3σ⌉ + 1]. */
function gaussianKernel(sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const density = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = density.reduce((total, value) => total + value, 0);
  return density.map((value) => value / sum);
}

/** [length, taps]: the position in the image that each tap of each output position reads. */
const reflectedTaps = (length: number, taps: number): Int32Array =>
  Int32Array.from({ length: length * taps }, (_, i) =>
    reflected(Math.floor(i / taps) + (i % taps) - (taps - 1) / 2, length),
  );

/** A position off the line as one on it: … 2 1 | 0 1 2 … n−1 | n−2 n−3 …, the border pixel not repeated. */
function reflected(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = ((position % period) + period) % period;
  return Math.min(inPeriod, period - inPeriod);
}

/** out[o, i, j] = Σ over t of kernel[t] · source[o, taps[i, t], j]. */
function convolve(
  source: Float32Array | Float64Array,
  [outer, length, inner]: readonly [number, number, number],
  kernel: Float64Array,
  taps: Int32Array,
  out: Float32Array | Float64Array,
): void {
  for (let o = 0; o < outer; o++) {
    const block = o * length * inner;
    for (let i = 0; i < length; i++) {
      for (let j = 0; j < inner; j++) {
        let sum = 0;
        for (let t = 0; t < kernel.length; t++) {
          sum += kernel[t] * source[block + taps[i * kernel.length + t] * inner + j];
        }
        out[block + i * inner + j] = sum;
      }
    }
  }
}

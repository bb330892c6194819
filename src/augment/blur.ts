import { type OptionTable, checkLimit, shown, withDefaults } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type Transform, type TransformFamily, family } from "./family.ts";
import { outputFor } from "./output.ts";
import { memberValues } from "./member-options.ts";

export interface BlurOptions {
  /** Standard deviations of the members' Gaussians, in pixels of the image at hand; positive. */
  readonly sigmas?: readonly number[];
}

/** The row of {@link BlurOptions} with its default here. */
export const blurOptions = {
  sigmas: memberValues({
    description: "standard deviations in pixels, above 0",
    default: [0.5, 1, 1.5, 2],
  }),
} satisfies OptionTable<BlurOptions>;

/**
 * Gaussian blur. A sigma is in pixels whatever the image size, as in torchvision. The kernel reaches ⌈3σ⌉ pixels
 * to each side, sampled and divided by its sum; the image is continued by reflection about its border pixels.
 * Equal to torchvision's `functional.gaussian_blur(images, 2·⌈3σ⌉ + 1, σ)`, which refuses images smaller than
 * the kernel's reach; here reflection goes on to and fro.
 */
export const blur = (options: BlurOptions = {}): TransformFamily =>
  family(
    "blur",
    "standard deviation in pixels",
    withDefaults("blur", blurOptions, options).sigmas.map(blurBy),
  );

function blurBy(sigma: number): Transform {
  if (!Number.isFinite(sigma) || sigma <= 0) {
    throw new UsageError(
      `Cannot blur with standard deviation ${shown(sigma)}. Give a positive number of pixels.`,
    );
  }
  checkLimit("blurSigma", sigma, `A blur of standard deviation ${sigma}`);
  const reach = Math.ceil(3 * sigma);
  const kernel = halfGaussian(sigma, reach);
  return {
    name: `blur σ ${sigma}`,
    parameters: { sigma },
    apply(images, out) {
      const blurred = outputFor(images, out);
      const [n, channels, height, width] = images.shape;
      const alongRow = reflectedLine(width, reach);
      const alongColumn = reflectedLine(height, reach);
      const planeSize = height * width;
      const end = n * channels * planeSize;
      for (let row = 0; row < end; row += width) {
        convolveLine(images.data, row, 1, kernel, alongRow, blurred);
      }
      for (let plane = 0; plane < end; plane += planeSize) {
        for (let column = plane; column < plane + width; column++) {
          convolveLine(blurred, column, width, kernel, alongColumn, blurred);
        }
      }
      return blurred;
    },
  };
}

/** The centre and one side of a Gaussian that sums to 1, [reach + 1]. */
function halfGaussian(sigma: number, reach: number): Float64Array {
  const density = Float64Array.from({ length: reach + 1 }, (_, x) => Math.exp(-0.5 * (x / sigma) ** 2));
  const sum = density.reduce((total, value, x) => total + (x === 0 ? value : 2 * value), 0);
  return density.map((value) => value / sum);
}

interface ReflectedLine {
  /** [reach + length + reach]: the pixel of the line that each place of the continued line shows. */
  readonly pixels: Int32Array;
  /** Room for the continued line's values. */
  readonly values: Float64Array;
}

function reflectedLine(length: number, reach: number): ReflectedLine {
  const pixels = Int32Array.from({ length: length + 2 * reach }, (_, i) => reflected(i - reach, length));
  return { pixels, values: new Float64Array(pixels.length) };
}

/** A position off the line as one on it: … 2 1 | 0 1 2 … n−1 | n−2 n−3 …, the border pixel not repeated. */
function reflected(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = ((position % period) + period) % period;
  return Math.min(inPeriod, period - inPeriod);
}

/** Convolves the line of pixels `start`, `start + stride`, … of `source` into the same pixels of `out`. */
function convolveLine(
  source: Float32Array,
  start: number,
  stride: number,
  kernel: Float64Array,
  { pixels, values }: ReflectedLine,
  out: Float32Array,
): void {
  for (let i = 0; i < pixels.length; i++) values[i] = source[start + pixels[i] * stride];
  const reach = kernel.length - 1;
  for (let i = 0; i < values.length - 2 * reach; i++) {
    const centre = i + reach;
    let sum = kernel[0] * values[centre];
    for (let x = 1; x <= reach; x++) sum += kernel[x] * (values[centre - x] + values[centre + x]);
    out[start + i * stride] = sum;
  }
}

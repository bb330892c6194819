import { type OptionTable, checkLimit, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
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
export const blur: FamilyMaker<BlurOptions> = defineFamily({
  name: "blur",
  unit: "standard deviation in pixels",
  options: blurOptions,
  members: ({ sigmas }) => sigmas.map(blurBy),
});

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
      const [, , height, width] = images.shape;
      const columns = continued(width, reach);
      const rows = continued(height, reach).map((row) => row * width);
      // The same row, moved to and fro by as many pixels as the kernel reaches.
      const moved = Int32Array.from({ length: 2 * reach + 1 }, (_, i) => i);
      const line = new Float32Array(columns.length);
      const plane = new Float32Array(height * width);
      const sums = new Float64Array(width);
      for (let start = 0; start < blurred.length; start += plane.length) {
        for (let row = 0; row < plane.length; row += width) {
          for (let i = 0; i < line.length; i++) line[i] = images.data[start + row + columns[i]];
          weigh(line, moved, 0, kernel, sums);
          plane.set(sums, row);
        }
        for (let y = 0; y < height; y++) {
          weigh(plane, rows, y, kernel, sums);
          blurred.set(sums, start + y * width);
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

/** [reach + length + reach]: the pixel of the line that each place of the continued line shows. */
const continued = (length: number, reach: number): Int32Array =>
  Int32Array.from({ length: length + 2 * reach }, (_, i) => reflected(i - reach, length));

/** A position off the line as one on it: … 2 1 | 0 1 2 … n−1 | n−2 n−3 …, the border pixel not repeated. */
function reflected(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = ((position % period) + period) % period;
  return Math.min(inPeriod, period - inPeriod);
}

/**
 * The weighted sum of lines of pixels, element by element: kernel[d] times those d to both sides of the centre. Whole lines
 * are added up, two pairs at a time, in the order in which one sum after another would take them.
 *
 * @param starts  where each line begins in `source`; the first is at `first`, the centre kernel.length − 1 behind it
 */
function weigh(
  source: Float32Array,
  starts: Int32Array,
  first: number,
  kernel: Float64Array,
  sums: Float64Array,
): void {
  const reach = kernel.length - 1;
  const centre = first + reach;
  const own = starts[centre];
  const weight = kernel[0];
  for (let x = 0; x < sums.length; x++) sums[x] = weight * source[own + x];
  let d = 1;
  for (; d < reach; d += 2) {
    const a = starts[centre - d];
    const b = starts[centre + d];
    const c = starts[centre - d - 1];
    const e = starts[centre + d + 1];
    const near = kernel[d];
    const far = kernel[d + 1];
    for (let x = 0; x < sums.length; x++) {
      const sum = sums[x] + near * (source[a + x] + source[b + x]);
      sums[x] = sum + far * (source[c + x] + source[e + x]);
    }
  }
  if (d > reach) return;
  const a = starts[centre - d];
  const b = starts[centre + d];
  for (let x = 0; x < sums.length; x++) sums[x] += kernel[d] * (source[a + x] + source[b + x]);
}

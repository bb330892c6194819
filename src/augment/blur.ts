import { type OptionTable, checkLimit, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { evenPass, forSize } from "./filter-pass.ts";
import { filtered } from "./plane-filter.ts";
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
  range: { of: "sigmas", neutral: 0 },
});

function blurBy(sigma: number): Transform {
  if (!Number.isFinite(sigma) || sigma <= 0) {
    throw new UsageError(
      `Cannot blur with standard deviation ${shown(sigma)}. Give a positive number of pixels.`,
    );
  }
  checkLimit("blurSigma", sigma, `A blur of standard deviation ${sigma}`);
  const half = halfGaussian(sigma, Math.ceil(3 * sigma));
  const passes = forSize((size) => [
    evenPass(size, "mirror", half, "right"),
    evenPass(size, "mirror", half, "down"),
  ]);
  return {
    name: `blur σ ${sigma}`,
    parameters: { sigma },
    apply(images, out) {
      const blurred = outputFor(images, out);
      const [, , height, width] = images.shape;
      const size = { height, width };
      return filtered(images.data, size, passes(size), blurred);
    },
  };
}

/** The centre and one side of a Gaussian that sums to 1, [reach + 1]. */
function halfGaussian(sigma: number, reach: number): Float64Array {
  const density = Float64Array.from({ length: reach + 1 }, (_, x) => Math.exp(-0.5 * (x / sigma) ** 2));
  const sum = density.reduce((total, value, x) => total + (x === 0 ? value : 2 * value), 0);
  return density.map((value) => value / sum);
}

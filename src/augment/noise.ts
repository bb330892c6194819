import { addNoise } from "./added-noise.ts";
import { type OptionTable, shown } from "../options/index.ts";
import { UsageError, sizeOf } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { imageKey } from "./image-stream.ts";
import { outputFor } from "./output.ts";
import { familySeed, memberValues } from "./member-options.ts";

export interface NoiseOptions {
  /** Standard deviations of the members' noise, in pixel values of [0, 1]; positive. */
  readonly standardDeviations?: readonly number[];
  /** Another seed gives other noise on every image; default 0. */
  readonly seed?: number;
}

/** The rows of {@link NoiseOptions}. */
export const noiseOptions = {
  standardDeviations: memberValues({
    description: "standard deviations in pixel values of [0, 1], above 0",
    default: [0.05, 0.1, 0.15, 0.2],
  }),
  seed: familySeed,
} satisfies OptionTable<NoiseOptions>;

/**
 * Additive Gaussian noise, independent from pixel to pixel and channel to channel. What an image gets follows
 * from the seed, the member and the image's own pixels: see `addNoise`.
 *
 * Values may leave [0, 1]. They are not clamped, as in randomized smoothing (Cohen, Rosenfeld & Kolter, ICML 2019):
 * clamping would brighten black backgrounds by 0.4 σ and darken white ones. ImageNet-C clamps.
 */
export const noise: FamilyMaker<NoiseOptions> = defineFamily({
  name: "noise",
  unit: "standard deviation, in pixel values of [0, 1]",
  options: noiseOptions,
  members: ({ standardDeviations, seed }) =>
    standardDeviations.map((standardDeviation) => noiseOf(standardDeviation, seed)),
  range: { of: "standardDeviations", neutral: 0 },
});

function noiseOf(standardDeviation: number, seed: number): Transform {
  if (!Number.isFinite(standardDeviation) || standardDeviation <= 0) {
    throw new UsageError(
      `Cannot add noise of standard deviation ${shown(standardDeviation)}. ` +
        `Give a positive number; pixel values span 0 to 1.`,
    );
  }
  const name = `noise σ ${standardDeviation}`;
  const key = imageKey(seed, name);
  return {
    name,
    parameters: { standardDeviation, seed },
    apply(images, out) {
      const noisy = outputFor(images, out);
      const imageSize = sizeOf(images.shape.slice(1));
      for (let start = 0; start < noisy.length; start += imageSize) {
        const image = images.data.subarray(start, start + imageSize);
        addNoise(image, noisy.subarray(start, start + imageSize), key, standardDeviation);
      }
      return noisy;
    },
  };
}

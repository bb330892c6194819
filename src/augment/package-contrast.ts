import type { OptionTable } from "../options/index.ts";
import { greyLevel, requireGreyOrColour } from "./colour-channels.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { linear } from "./values-simd.ts";
import { memberValues } from "./member-options.ts";

export interface PackageContrastOptions {
  /** Factors of the members, above 0, not 1: below 1 takes contrast away. */
  readonly factors?: readonly number[];
}

/** The row of {@link PackageContrastOptions} with its default here. */
export const packageContrastOptions = {
  factors: memberValues({
    description: "factors above 0, not 1; below 1 takes contrast away",
    default: [0.5, 0.75, 1.5, 2],
  }),
} satisfies OptionTable<PackageContrastOptions>;

/**
 * Blend with the mean grey level of the image, one number for all its channels, clamped to [0, 1]: torchvision's
 * `functional.adjust_contrast`, with the factors among the defaults of the Python package `alignreg` 1.0 (PyTorch).
 * One channel or three.
 */
export const packageContrast: FamilyMaker<PackageContrastOptions> = defineFamily({
  name: "package-contrast",
  unit: "contrast factor",
  options: packageContrastOptions,
  members: ({ factors }) => factors.map(contrastBy),
  range: { of: "factors", neutral: 1 },
});

function contrastBy(factor: number): Transform {
  checkFactor("package-contrast", factor, "above 0");
  return {
    name: `package-contrast ${factor}`,
    parameters: { factor },
    apply(images, out) {
      requireGreyOrColour("package-contrast", images);
      const adjusted = outputFor(images, out);
      const [n, channels, height, width] = images.shape;
      const imageSize = channels * height * width;
      for (let start = 0; start < n * imageSize; start += imageSize) {
        const image = images.data.subarray(start, start + imageSize);
        const mean = channels === 3 ? meanGreyLevel(image) : meanOf(image);
        // torchvision's blend with the mean, clipped.
        linear(image, adjusted.subarray(start, start + imageSize), factor, (1 - factor) * mean, [0, 1]);
      }
      return adjusted;
    },
  };
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** The grey level is linear in the channels: the mean of grey levels is the grey level of means. */
function meanGreyLevel(image: Float32Array): number {
  const planeSize = image.length / 3;
  const [red, green, blue] = [0, 1, 2].map((c) => meanOf(image.subarray(c * planeSize, (c + 1) * planeSize)));
  return greyLevel(red, green, blue);
}

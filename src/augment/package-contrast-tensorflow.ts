import type { OptionTable } from "../options/index.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import type { PackageContrastOptions } from "./package-contrast.ts";
import { memberValues } from "./member-options.ts";

/** The row of {@link PackageContrastOptions} with its default here. */
export const packageContrastTensorflowOptions = {
  factors: memberValues({
    description: "factors above 0, not 1; below 1 takes contrast away",
    default: [0.1, 0.2, 0.4, 0.8],
  }),
} satisfies OptionTable<PackageContrastOptions>;

/**
 * Each channel's distance from its own mean over the image, times a factor: TensorFlow's `tf.image.adjust_contrast`,
 * with the defaults of the Python package `alignreg` 1.0 (TensorFlow). Any number of channels. As there, floats
 * are not clamped: factors above 1 may leave [0, 1].
 */
export const packageContrastTensorflow: FamilyMaker<PackageContrastOptions> = defineFamily({
  name: "package-contrast-tensorflow",
  unit: "contrast factor",
  options: packageContrastTensorflowOptions,
  members: ({ factors }) => factors.map(contrastBy),
  range: { of: "factors", neutral: 1 },
});

function contrastBy(factor: number): Transform {
  checkFactor("package-contrast-tensorflow", factor, "above 0");
  return {
    name: `package-contrast-tensorflow ${factor}`,
    parameters: { factor },
    apply(images, out) {
      const adjusted = outputFor(images, out);
      const [n, channels, height, width] = images.shape;
      const planeSize = height * width;
      for (let start = 0; start < n * channels * planeSize; start += planeSize) {
        const plane = images.data.subarray(start, start + planeSize);
        const mean = plane.reduce((sum, value) => sum + value, 0) / planeSize;
        for (let i = 0; i < planeSize; i++) adjusted[start + i] = (plane[i] - mean) * factor + mean;
      }
      return adjusted;
    },
  };
}

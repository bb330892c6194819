import type { OptionTable } from "../options/index.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { perPixel } from "./per-pixel.ts";
import type { SaturationOptions } from "./saturation.ts";
import { memberValues } from "./member-options.ts";

/** The row of {@link SaturationOptions} with its default here. */
export const packageSaturationTensorflowOptions = {
  factors: memberValues({
    description: "factors of 0 or more, not 1; 0 gives grey",
    default: [0.5, 0.75, 1.5, 2],
  }),
} satisfies OptionTable<SaturationOptions>;

/**
 * HSV saturation times a factor, clipped to 1, with hue and value as they are: TensorFlow's
 * `tf.image.adjust_saturation`. The Python package `alignreg` 1.0 offers it without naming factors; the default ones
 * are ours. Images in [0, 1] must have three channels.
 */
export const packageSaturationTensorflow: FamilyMaker<SaturationOptions> = defineFamily({
  name: "package-saturation-tensorflow",
  unit: "saturation factor",
  options: packageSaturationTensorflowOptions,
  members: ({ factors }) => factors.map(saturationBy),
  mayChangeMeaning: ({ parameters: { factor } }) => (factor < 0.25 ? ["colours"] : []),
  range: { of: "factors", neutral: 1 },
});

function saturationBy(factor: number): Transform {
  checkFactor("package-saturation-tensorflow", factor, "0 or more");
  return {
    name: `package-saturation-tensorflow ${factor}`,
    parameters: { factor },
    apply: perPixel("package-saturation-tensorflow", (pixels, out, r, g, b) => {
      const value = Math.max(pixels[r], pixels[g], pixels[b]);
      const chroma = value - Math.min(pixels[r], pixels[g], pixels[b]);
      // Saturation is chroma / value. With value and hue fixed, each channel's distance from the value grows as
      // saturation does; at saturation 1 the least channel is 0.
      const growth = chroma === 0 ? 0 : Math.min(factor, value / chroma);
      out[r] = value - growth * (value - pixels[r]);
      out[g] = value - growth * (value - pixels[g]);
      out[b] = value - growth * (value - pixels[b]);
    }),
  };
}

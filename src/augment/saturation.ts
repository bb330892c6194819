import type { OptionTable } from "../options/index.ts";
import { blend } from "./blend.ts";
import { greyLevel } from "./colour-channels.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { perPixel } from "./per-pixel.ts";
import { memberValues } from "./member-options.ts";

export interface SaturationOptions {
  /** Factors of the members, 0 or more, not 1: 0 gives grey, above 1 more colour. */
  readonly factors?: readonly number[];
}

/** The row of {@link SaturationOptions} with its default here. */
export const saturationOptions = {
  factors: memberValues({
    description: "factors of 0 or more, not 1; 0 gives grey",
    default: [0.5, 0.75, 1.5, 2],
  }),
} satisfies OptionTable<SaturationOptions>;

/**
 * Blend of each pixel with its own grey level, clamped to [0, 1]: torchvision's `functional.adjust_saturation`.
 * Images must have three channels (torchvision returns those of one as they are). TensorFlow's definition is
 * another: see `packageSaturationTensorflow`.
 */
export const saturation: FamilyMaker<SaturationOptions> = defineFamily({
  name: "saturation",
  unit: "saturation factor",
  options: saturationOptions,
  members: ({ factors }) => factors.map(saturationBy),
  mayChangeMeaning: ({ parameters: { factor } }) => (factor < 0.25 ? ["colours"] : []),
});

function saturationBy(factor: number): Transform {
  checkFactor("saturation", factor, "0 or more");
  return {
    name: `saturation ${factor}`,
    parameters: { factor },
    apply: perPixel("saturation", (pixels, out, r, g, b) => {
      const grey = greyLevel(pixels[r], pixels[g], pixels[b]);
      out[r] = blend(pixels[r], grey, factor);
      out[g] = blend(pixels[g], grey, factor);
      out[b] = blend(pixels[b], grey, factor);
    }),
  };
}

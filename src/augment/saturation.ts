import type { OptionTable } from "../options/index.ts";
import { blend } from "./blend.ts";
import { greyLevel, requireColour } from "./colour-channels.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { perPixel } from "./per-pixel.ts";
import { simdSaturation } from "./values-simd.ts";
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
  range: { of: "factors", neutral: 1 },
});

function saturationBy(factor: number): Transform {
  checkFactor("saturation", factor, "0 or more");
  const plain = plainSaturation(factor);
  return {
    name: `saturation ${factor}`,
    parameters: { factor },
    apply(images, out) {
      requireColour("saturation", images);
      const changed = outputFor(images, out);
      const area = images.shape[2] * images.shape[3];
      return simdSaturation(images.data, area, factor, changed) ? changed : plain(images, changed);
    },
  };
}

/** Where WebAssembly has no instructions for it. */
export const plainSaturation = (factor: number) =>
  perPixel("saturation", (pixels, out, r, g, b) => {
    const grey = greyLevel(pixels[r], pixels[g], pixels[b]);
    out[r] = blend(pixels[r], grey, factor);
    out[g] = blend(pixels[g], grey, factor);
    out[b] = blend(pixels[b], grey, factor);
  });

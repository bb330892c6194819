import type { OptionTable } from "../options/index.ts";
import { checkFactor } from "./factor.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { linear } from "./values-simd.ts";
import { memberValues } from "./member-options.ts";

export interface BrightnessOptions {
  /** Factors of the members, above 0, not 1: below 1 darkens. */
  readonly factors?: readonly number[];
}

/** The row of {@link BrightnessOptions} with its default here. */
export const brightnessOptions = {
  factors: memberValues({
    description: "factors above 0, not 1; below 1 darkens",
    default: [0.5, 0.75, 1.5, 2],
  }),
} satisfies OptionTable<BrightnessOptions>;

/** Pixels times a factor, clamped to [0, 1]: torchvision's `functional.adjust_brightness`. Any number of channels. */
export const brightness: FamilyMaker<BrightnessOptions> = defineFamily({
  name: "brightness",
  unit: "brightness factor",
  options: brightnessOptions,
  members: ({ factors }) => factors.map(brightnessBy),
  range: { of: "factors", neutral: 1 },
});

function brightnessBy(factor: number): Transform {
  checkFactor("brightness", factor, "above 0");
  return {
    name: `brightness ${factor}`,
    parameters: { factor },
    apply(images, out) {
      const adjusted = outputFor(images, out);
      linear(images.data, adjusted, factor, 0, [0, 1]);
      return adjusted;
    },
  };
}

import type { OptionTable } from "../options/index.ts";
import { curved } from "./curve.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import { checkFactor } from "./factor.ts";
import type { Transform } from "./family.ts";
import { memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";

export interface ExposureOptions {
  /** Exponents of the members, above 0, not 1: above 1 darkens the shadows, below 1 lightens them. */
  readonly gammas?: readonly number[];
}

/** The row of {@link ExposureOptions} with its default here. */
export const exposureOptions = {
  gammas: memberValues({
    description: "exponents above 0, not 1; above 1 darkens, below 1 lightens",
    default: [0.5, 0.75, 1.5, 2],
  }),
} satisfies OptionTable<ExposureOptions>;

/**
 * Under- and overexposure by gamma: pixels to that power, black and white as they are. torchvision's `functional.adjust_gamma`
 * with gain 1. Any number of channels; values outside [0, 1] are clipped first.
 */
export const exposure: FamilyMaker<ExposureOptions> = defineFamily({
  name: "exposure",
  unit: "gamma",
  options: exposureOptions,
  members: ({ gammas }) => gammas.map(exposedBy),
  range: { of: "gammas", neutral: 1 },
});

function exposedBy(gamma: number): Transform {
  checkFactor("exposure", gamma, "above 0");
  const change = curved((value) => Math.min(value ** gamma, 1));
  return {
    name: `exposure γ ${gamma}`,
    parameters: { gamma },
    apply(images, out) {
      const exposed = outputFor(images, out);
      change(images.data, exposed);
      return exposed;
    },
  };
}

import type { OptionTable } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { outputFor } from "./output.ts";
import { linear } from "./values-simd.ts";
import { memberValues } from "./member-options.ts";

export interface ContrastOptions {
  /** A positive scale s of a member gives s·x, a negative one |s|·(1 − x); each in [−1, 1], not 0 and not 1. */
  readonly scales?: readonly number[];
}

/** The row of {@link ContrastOptions} with its default here. */
export const contrastOptions = {
  scales: memberValues({
    description: "s gives s·x, −s gives s·(1 − x); from −1 to 1, not 0 and not 1",
    default: [1 / 2, 1 / 4, -1, -1 / 2, -1 / 4],
  }),
} satisfies OptionTable<ContrastOptions>;

/**
 * Pixel scaling, negatives included: the paper's x/2, x/4, 1 − x, (1 − x)/2 and (1 − x)/4 (Wang, Huang, Wu & Xing,
 * KDD 2022). Images in [0, 1] stay there. See `packageContrast` for the blend with the mean grey level.
 */
export const contrast: FamilyMaker<ContrastOptions> = defineFamily({
  name: "contrast",
  unit: "pixel scale, below 0 of the negative",
  options: contrastOptions,
  members: ({ scales }) => scales.map(scaleBy),
  mayChangeMeaning: ({ parameters: { scale } }) => (scale < 0 ? ["light and dark"] : []),
  range: {
    of: "scales",
    neutral: 1,
    // Its own name for 1/4 is "x/4", which says no number.
    member: (scale) => ({ ...scaleBy(scale), name: `contrast ${scale}` }),
  },
});

function scaleBy(scale: number): Transform {
  if (!(Math.abs(scale) <= 1) || scale === 0 || scale === 1) {
    throw new UsageError(
      `Cannot scale pixels by ${scale}. Give a number from −1 to 1 that is not 0, which leaves nothing of the ` +
        `image, nor 1: the identity is a member of every family already.`,
    );
  }
  const offset = scale < 0 ? -scale : 0;
  return {
    name: `contrast ${formula(scale)}`,
    parameters: { scale },
    apply(images, out) {
      const scaled = outputFor(images, out);
      linear(images.data, scaled, scale, offset);
      return scaled;
    },
  };
}

/** `x/4`, `(1−x)/4`; where the scale is not one over a whole number, `0.3·x`, `0.3·(1−x)`. */
function formula(scale: number): string {
  const size = Math.abs(scale);
  if (size === 1) return "1−x";
  const pixel = scale > 0 ? "x" : "(1−x)";
  return Number.isInteger(1 / size) ? `${pixel}/${1 / size}` : `${size}·${pixel}`;
}

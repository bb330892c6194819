import { type OptionTable, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Interpolation } from "./interpolation.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import type { InverseAffine } from "./warp-taps.ts";
import { warp } from "./warp.ts";
import { fillOption, filled, interpolationOption, memberValues } from "./member-options.ts";
import type { Fill } from "./reflected.ts";

export interface ScaleOptions {
  /** Zoom factors of the members a1 … aK: above 1 magnifies, below 1 makes smaller; none is 1. */
  readonly factors?: readonly number[];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
}

/** The row of {@link ScaleOptions} with its default here. */
export const scaleOptions = {
  factors: memberValues({
    description: "zoom factors, above 0, not 1; above 1 magnifies",
    default: [0.6, 0.8, 1.2, 1.4],
  }),
  fill: fillOption,
  interpolation: interpolationOption,
} satisfies OptionTable<ScaleOptions>;

/**
 * Zoom about the image centre: bilinear, zero outside the frame. Equal to torchvision's
 * `functional.affine(…, scale=factor, interpolation=BILINEAR)` on float tensors, which does not smooth before it
 * makes smaller either.
 */
export const scale: FamilyMaker<ScaleOptions> = defineFamily({
  name: "scale",
  unit: "zoom factor, above 1 magnifies",
  options: scaleOptions,
  members: ({ factors, fill, interpolation }) => factors.map((value) => scaleBy(value, fill, interpolation)),
  mayChangeMeaning: ({ parameters: { factor } }) =>
    factor >= 3 || factor <= 1 / 3 ? ["the object itself"] : [],
  range: {
    of: "factors",
    neutral: 1,
    warps: ({ fill, interpolation }) => ({ inverseAffine: inverseScale, fill, interpolation }),
  },
});

function scaleBy(factor: number, fill: Fill, interpolation: Interpolation): Transform {
  if (!Number.isFinite(factor) || factor <= 0 || factor === 1) {
    throw new UsageError(
      `Cannot scale by ${shown(factor)}. Give a positive finite zoom factor other than 1: ` +
        `the identity is a member of every family already.`,
    );
  }
  return {
    name: `scale ${factor}${filled(fill, interpolation).suffix}`,
    parameters: { factor, ...filled(fill, interpolation).parameters },
    apply: warp(inverseScale(factor), fill, interpolation),
  };
}

const inverseScale = (factor: number): InverseAffine => [1 / factor, 0, 0, 0, 1 / factor, 0];

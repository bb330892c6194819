import type { OptionTable } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Interpolation } from "./interpolation.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import type { InverseAffine } from "./warp-taps.ts";
import { warp } from "./warp.ts";
import { fillOption, filled, interpolationOption, memberValues } from "./member-options.ts";
import type { Fill } from "./reflected.ts";

export interface ShearOptions {
  /** Angles of the members a1 … aK, between −90 and 90, none 0; positive leans the top to the right. */
  readonly degrees?: readonly number[];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
}

/** The row of {@link ShearOptions} with its default here. */
export const shearOptions = {
  degrees: memberValues({
    description: "angles between −90 and 90, not 0; positive leans the top to the right",
    default: [-30, -15, 15, 30],
  }),
  fill: fillOption,
  interpolation: interpolationOption,
} satisfies OptionTable<ShearOptions>;

/**
 * Shears parallel to the x axis about the image centre: a vertical line leans by the angle, its upper end to the
 * right when positive. Bilinear, zero outside the frame. Equal to torchvision's
 * `functional.affine(…, shear=[degrees, 0], interpolation=BILINEAR)` on float tensors.
 */
export const shear: FamilyMaker<ShearOptions> = defineFamily({
  name: "shear",
  unit: "degrees, top to the right",
  options: shearOptions,
  members: ({ degrees, fill, interpolation }) => degrees.map((value) => shearBy(value, fill, interpolation)),
  range: {
    of: "degrees",
    neutral: 0,
    warps: ({ fill, interpolation }) => ({ inverseAffine: inverseShear, fill, interpolation }),
  },
});

function shearBy(degrees: number, fill: Fill, interpolation: Interpolation): Transform {
  if (!(Math.abs(degrees) < 90) || degrees === 0) {
    throw new UsageError(
      `Cannot shear by ${degrees}°. Give an angle between −90° and 90°, both excluded, other than 0: ` +
        `the identity is a member of every family already.`,
    );
  }
  return {
    name: `shear ${degrees}°${filled(fill, interpolation).suffix}`,
    parameters: { degrees, ...filled(fill, interpolation).parameters },
    apply: warp(inverseShear(degrees), fill, interpolation),
  };
}

/** The view moves (x, y) to (x − y·tan θ, y), y down; this is the inverse of that map. */
const inverseShear = (degrees: number): InverseAffine => [1, Math.tan((degrees * Math.PI) / 180), 0, 0, 1, 0];

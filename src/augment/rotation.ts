import { type OptionTable, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Interpolation } from "./interpolation.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import { type Transform, identity } from "./family.ts";
import { FEW_IMAGES, warpOnce } from "./ranges/warp-once.ts";
import type { InverseAffine } from "./warp-taps.ts";
import { warp } from "./warp.ts";
import { fillOption, filled, interpolationOption, isPlainWarp, memberValues } from "./member-options.ts";
import { meaningsOfTurn } from "./meanings.ts";
import type { Fill } from "./reflected.ts";

export interface RotationOptions {
  /** Angles of the members a1 … aK, counter-clockwise as seen on screen; none a whole turn. */
  readonly degrees?: readonly number[];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
}

/** The row of {@link RotationOptions} with its default here. */
export const rotationOptions = {
  degrees: memberValues({
    description: "angles, counter-clockwise as seen on screen; none a whole turn",
    default: [15, 30, 45, 60],
  }),
  fill: fillOption,
  interpolation: interpolationOption,
} satisfies OptionTable<RotationOptions>;

/**
 * Rotations about the image centre: bilinear, zero outside the frame, counter-clockwise positive.
 * The default angles are the paper's (Wang, Huang, Wu & Xing, KDD 2022). Equal to
 * `torchvision.transforms.functional.rotate(…, interpolation=BILINEAR)` on float tensors; see docs/rotation.md.
 */
export const rotation: FamilyMaker<RotationOptions> = defineFamily({
  name: "rotation",
  unit: "degrees, counter-clockwise",
  options: rotationOptions,
  members: ({ degrees, fill, interpolation }) =>
    degrees.map((value) => rotationBy(value, fill, interpolation)),
  mayChangeMeaning: ({ parameters: { degrees } }) => meaningsOfTurn(degrees),
  range: {
    of: "degrees",
    neutral: 0,
    member: turnedTo,
    warps: ({ fill, interpolation }) => ({ inverseAffine: inverseRotation, fill, interpolation }),
  },
});

function rotationBy(degrees: number, fill: Fill, interpolation: Interpolation): Transform {
  if (!Number.isFinite(degrees) || degrees % 360 === 0) {
    throw new UsageError(
      `Cannot rotate by ${shown(degrees)}°. Give a finite angle that is not a whole turn: ` +
        `the identity is a member of every family already.`,
    );
  }
  return {
    name: `rotation ${degrees}°${filled(fill, interpolation).suffix}`,
    parameters: { degrees, ...filled(fill, interpolation).parameters },
    apply: warp(inverseRotation(degrees), fill, interpolation),
  };
}

/** The member of a range: whole turns change nothing, and a few images turn without tables, which take longer to make. */
function turnedTo(degrees: number, { fill, interpolation }: Required<RotationOptions>): Transform {
  if (degrees % 360 === 0) return { ...identity, name: `rotation ${degrees}`, parameters: { degrees } };
  const member = rotationBy(degrees, fill, interpolation);
  if (!isPlainWarp(fill, interpolation)) return member;
  const matrix = inverseRotation(degrees);
  return {
    ...member,
    apply: (images, out) =>
      images.shape[0] <= FEW_IMAGES ? warpOnce(matrix, images, out) : member.apply(images, out),
  };
}

/**
 * With y down, a point turned counter-clockwise by θ goes from (x, y) to (x cos θ + y sin θ, −x sin θ + y cos θ);
 * this is the inverse of that map.
 */
export function inverseRotation(degrees: number): InverseAffine {
  const radians = (degrees * Math.PI) / 180;
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  return [cos, -sin, 0, sin, cos, 0];
}

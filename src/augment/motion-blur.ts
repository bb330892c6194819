import { type OptionTable, checkLimit, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { kernelPass } from "./corruptions/filters.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";
import { forSize } from "./filter-pass.ts";
import { filtered } from "./plane-filter.ts";
import { inverseRotation } from "./rotation.ts";
import { warp } from "./warp.ts";

export interface MotionBlurOptions {
  /** Pixels that the camera moves while the shutter is open: odd whole numbers from 3. */
  readonly lengths?: readonly number[];
  /** Directions of the movement, counter-clockwise from the horizontal; a member for each length and direction. */
  readonly degrees?: readonly number[];
}

/** The rows of {@link MotionBlurOptions}. */
export const motionBlurOptions = {
  lengths: memberValues({
    description: "pixels that the camera moves, odd whole numbers from 3",
    default: [3, 7],
  }),
  degrees: memberValues({
    description: "directions, counter-clockwise from the horizontal; a member for each length and direction",
    default: [0, 45, 90, 135],
  }),
} satisfies OptionTable<MotionBlurOptions>;

/**
 * A camera that moves along a line at an even speed: the mean over a line of so many pixels, turned as an image is, bilinearly. The
 * image is continued by reflection about its border pixels. Kornia's `motion_blur(images, length, degrees, direction=0,
 * border_type="reflect", mode="bilinear")`. Photographs' blur is in pixels of the image at hand, as `blur`'s is.
 */
export const motionBlur: FamilyMaker<MotionBlurOptions> = defineFamily({
  name: "motion-blur",
  unit: "pixels",
  options: motionBlurOptions,
  members: ({ lengths, degrees }) =>
    lengths.flatMap((length) => degrees.map((direction) => movedBy(length, direction))),
  range: { of: "lengths", neutral: 1, step: 2, fixedBy: "degrees=45" },
});

function movedBy(length: number, degrees: number): Transform {
  if (!Number.isInteger(length) || length < 3 || length % 2 === 0) {
    throw new UsageError(
      `Cannot blur by a movement of ${shown(length)} pixels. Give an odd whole number from 3, so that the picture stays in its place.`,
    );
  }
  if (!Number.isFinite(degrees)) {
    throw new UsageError(`Cannot move in the direction ${shown(degrees)}°. Give a finite number of degrees.`);
  }
  checkLimit("blurSigma", length / 6, `A motion blur of ${length} pixels`);
  const kernel = lineOf(length, degrees);
  const passes = forSize((size) => [kernelPass(size, kernel, "mirror")]);
  return {
    name: `motion-blur ${length} px ${degrees}°`,
    parameters: { length, degrees },
    apply(images, out) {
      const blurred = outputFor(images, out);
      const [, , height, width] = images.shape;
      const size = { height, width };
      return filtered(images.data, size, passes(size), blurred);
    },
  };
}

/** A kernel [length, length] that sums to 1. */
function lineOf(length: number, degrees: number): Float64Array {
  const line = new Float32Array(length * length);
  line.fill(1, ((length - 1) / 2) * length, ((length + 1) / 2) * length);
  const turned = warp(inverseRotation(degrees))({ data: line, shape: [1, 1, length, length] });
  const sum = turned.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(turned, (weight) => weight / sum);
}

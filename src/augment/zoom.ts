import { type OptionTable, shown } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import type { Interpolation } from "./interpolation.ts";
import { fillOption, filled, interpolationOption, memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";
import type { Fill } from "./reflected.ts";
import { resampled, resampling } from "./resampling.ts";
import type { LineTaps } from "./values-simd.ts";

export interface ZoomOptions {
  /** Factors of the members, above 0, not 1: above 1 comes closer, below 1 goes away. */
  readonly factors?: readonly number[];
  /** What lies outside the frame: "zero" (default, black), "edge", the outermost pixels, or "reflect", the image mirrored at its edge. */
  readonly fill?: Fill;
  /** How a place between pixels is read: "nearest", "bilinear" (default) or "bicubic". */
  readonly interpolation?: Interpolation;
}

/** The rows of {@link ZoomOptions}. */
export const zoomOptions = {
  factors: memberValues({
    description: "factors above 0, not 1; above 1 comes closer, below 1 goes away",
    default: [0.5, 0.75, 1.5, 2],
  }),
  fill: fillOption,
  interpolation: interpolationOption,
} satisfies OptionTable<ZoomOptions>;

/**
 * A photograph from nearer or farther: its middle, cut out in whole pixels, brought to the image's size, as `resize` does, which
 * smooths where it makes smaller; `scale` reads pixels without. torchvision's `functional.resized_crop` with its default antialias,
 * of ⌊side / factor⌉ pixels about the middle.
 */
export const zoom: FamilyMaker<ZoomOptions> = defineFamily({
  name: "zoom",
  unit: "zoom factor, above 1 comes closer",
  options: zoomOptions,
  members: ({ factors, fill, interpolation }) =>
    factors.map((factor) => zoomedBy(factor, fill, interpolation)),
  mayChangeMeaning: ({ parameters: { factor } }) =>
    factor >= 3 || factor <= 1 / 3 ? ["the object itself"] : [],
  range: { of: "factors", neutral: 1 },
});

function zoomedBy(factor: number, fill: Fill, interpolation: Interpolation): Transform {
  if (!Number.isFinite(factor) || factor <= 0 || factor === 1) {
    throw new UsageError(
      `Cannot zoom by ${shown(factor)}. Give a positive finite factor other than 1: ` +
        `the identity is a member of every family already.`,
    );
  }
  if (factor < 1 / 64) {
    throw new UsageError(`Cannot zoom by ${factor}: little is left of an image. Give 1/64 or more.`);
  }
  const { suffix, parameters } = filled(fill, interpolation);
  const axes = new Map<number, LineTaps>();
  const along = (length: number): LineTaps => {
    let axis = axes.get(length);
    if (!axis) {
      axis = resampling(length, Math.max(1, Math.round(length / factor)), fill, interpolation);
      axes.set(length, axis);
    }
    return axis;
  };
  return {
    name: `zoom ${factor}${suffix}`,
    parameters: { factor, ...parameters },
    apply(images, out) {
      const view = outputFor(images, out);
      const [, , height, width] = images.shape;
      resampled(images.data, { height, width }, along(width), along(height), view);
      return view;
    },
  };
}

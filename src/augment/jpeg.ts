import { type OptionTable, shown } from "../options/index.ts";
import { UsageError, random, sizeOf } from "../tensor/index.ts";
import { requireGreyOrColour } from "./colour-channels.ts";
import { jpeg as lostBy } from "./corruptions/jpeg.ts";
import { type FamilyMaker, defineFamily } from "./define-family.ts";
import type { Transform } from "./family.ts";
import { memberValues } from "./member-options.ts";
import { outputFor } from "./output.ts";

export interface JpegOptions {
  /** Whole numbers from 1 (worst) to 100. */
  readonly qualities?: readonly number[];
}

/** The row of {@link JpegOptions} with its default here. */
export const jpegOptions = {
  qualities: memberValues({
    description: "qualities, whole numbers from 1 (worst) to 100",
    default: [75, 50, 25, 10],
  }),
} satisfies OptionTable<JpegOptions>;

/**
 * What a JPEG file of that quality loses, as libjpeg and Pillow write one: blocks of 8×8 cosines in the steps of their tables,
 * colour at half the size (4:2:0) whatever the quality. Images are rounded to bytes. Grey, or red, green and blue.
 */
export const jpeg: FamilyMaker<JpegOptions> = defineFamily({
  name: "jpeg",
  unit: "quality, 1 to 100",
  options: jpegOptions,
  members: ({ qualities }) => qualities.map(ofQuality),
  // No quality changes nothing.
  range: { of: "qualities", neutral: 101, step: 1 },
});

/** The codec draws nothing. */
const unused = random(0, "jpeg");

function ofQuality(quality: number): Transform {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new UsageError(`There is no JPEG quality ${shown(quality)}. Give whole numbers from 1 to 100.`);
  }
  const lose = lostBy(quality);
  return {
    name: `jpeg quality ${quality}`,
    parameters: { quality },
    apply(images, out) {
      requireGreyOrColour("jpeg", images);
      const lost = outputFor(images, out);
      const [, channels, height, width] = images.shape;
      const length = sizeOf(images.shape.slice(1));
      for (let start = 0; start < lost.length; start += length) {
        const image = images.data.subarray(start, start + length);
        lose(image, lost.subarray(start, start + length), { channels, height, width }, unused);
      }
      return lost;
    },
  };
}

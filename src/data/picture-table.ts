/** Options of how a picture comes to the size that a model takes. */
import { type OptionTable, choice, number, tested, truth } from "../options/index.ts";
import { type PictureRule, exifs, interpolations, resizes } from "../tensor/index.ts";
import type { ImageFolderOptions } from "./image-folder-options.ts";

export type PictureOptions = Pick<ImageFolderOptions, "size" | "channels" | keyof PictureRule>;

export const pictureTable = {
  size: tested<NonNullable<PictureOptions["size"]>>(
    (value) => typeof value === "number" || (Array.isArray(value) && value.every(Number.isFinite)),
    "a number of pixels, or [height, width]",
    {
      description: "bring every image to [height, width] pixels, or to a square",
      otherwise: "as stored, all of one size",
      alias: ["imageSize", "shape"],
    },
  ),
  channels: tested<NonNullable<PictureOptions["channels"]>>((value) => typeof value === "number", "1 or 3", {
    description: "1 reads the images as grey, 3 as colour",
    otherwise: "1 when all are grey, else 3",
  }),
  resize: choice(resizes, {
    description:
      "how pictures of other sizes are brought to the size: stretched, cropped to the middle, or padded",
    otherwise: "the model's own, else stretch",
    flag: "--resize <rule>",
    alias: ["fit", "mode"],
  }),
  cropShare: number(
    { above: 0, most: 1 },
    {
      description: "of crop: the share of each side that is cut out, as 224 of 256 is 0.875",
      otherwise: "the model's own, else 1",
      flag: "--crop-share <x>",
      alias: ["cropPct", "crop_pct"],
    },
  ),
  interpolation: choice(interpolations, {
    description: "kernel by which pictures are resized",
    otherwise: "the model's own, else bilinear",
    flag: "--interpolation <kernel>",
    alias: ["resample", "kernel"],
  }),
  transformBeforeCrop: truth({
    description: "transforms see what a crop cuts off, so that turned pictures have pixels in their corners",
    otherwise: "the model's own, else no",
    flag: "--transform-before-crop",
    alias: ["cropLast", "cropAfterTransform"],
  }),
  exif: choice(exifs, {
    description: "what becomes of cameras' orientations: pictures are turned upright, or taken as stored",
    otherwise: "the model's own, else apply",
    flag: "--exif <what>",
    alias: ["orientation", "autoOrient"],
  }),
} satisfies OptionTable<PictureOptions>;

/** What of a folder's images is chosen by whoever reads it, and what follows from the images. */
import { checkLimit } from "../options/index.ts";
import { type Exif, type PictureRule, type TakenImages, UsageError } from "../tensor/index.ts";
import { type DecodeSettings, decodedShapeOf } from "./decode-settings.ts";
import { DataError } from "./errors.ts";
import type { ImageHeader } from "./image-header.ts";
import type { LabelledFiles } from "./labelled-files.ts";
import { pictureNotes } from "./picture-notes.ts";
import type { Channels } from "./planar.ts";

export interface ImageFolderOptions extends Partial<Omit<PictureRule, "transformBeforeCrop">> {
  /** Bring every image to [height, width] pixels, or to a square. Default: as stored, all of one size. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 for grey, 3 for colour. Default: 1 when every image of the split is grey, else 3. */
  readonly channels?: Channels;
  /** Of crop: whether transforms see what the crop cuts off, and views are cut afterwards. Default: the model's own, else false. */
  readonly transformBeforeCrop?: boolean;
  /** A CSV, text or JSON file that says each image's class; then folders are none. Default: folders are classes. */
  readonly labels?: string;
  /** That file's columns of images and of classes. Default: found by their names. */
  readonly labelColumns?: readonly [image: string, label: string];
  /**
   * A model, or one image as it takes it: size, channels and the rule by which pictures come to that size are read there where
   * no option says otherwise. Other sources than folders of images have their own, and leave it aside.
   */
  readonly like?: NonNullable<TakenImages["imageShape"]> | TakenImages;
}

/** What pictures come to their size by where neither an option nor a model says anything. */
const standard: PictureRule = { resize: "stretch", cropShare: 1, interpolation: "bilinear", exif: "apply" };

/** @throws UsageError for options that no image could have */
export function checkImageFolderOptions({
  size,
  channels,
  resize,
  cropShare,
  like,
}: ImageFolderOptions): void {
  const sides = typeof size === "number" ? [size, size] : size;
  if (sides && (sides.length !== 2 || !sides.every((side) => Number.isInteger(side) && side >= 1))) {
    throw new UsageError(
      `Image size ${String(size)} is not possible. Give one or two whole numbers of pixels from 1.`,
    );
  }
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new UsageError(`Images cannot have ${String(channels)} channels. Use 1 for grey or 3 for colour.`);
  }
  const used = resize ?? takenOf(like).pictures?.resize ?? standard.resize;
  if (cropShare !== undefined && used !== "crop") {
    throw new UsageError(
      `cropShare (--crop-share) is for pictures that are cropped, and these are ${used === "pad" ? "padded" : "stretched"}. ` +
        `Leave it out, or give resize "crop" (--resize crop).`,
    );
  }
}

/** What `like` says. */
const takenOf = (like: ImageFolderOptions["like"]): TakenImages =>
  Array.isArray(like)
    ? { imageShape: like as TakenImages["imageShape"] }
    : ((like as TakenImages | undefined) ?? {});

/** What becomes of cameras' orientations: needed before any header is read. */
export const exifOf = ({ exif, like }: ImageFolderOptions): Exif =>
  exif ?? takenOf(like).pictures?.exif ?? standard.exif;

/**
 * The settings that options and headers leave for a list of files.
 *
 * @param headers  of all files, in their order
 * @returns with notes of what was chosen, a sentence each
 * @throws DataError when no size is given and the files differ; LimitError for a size that is too large
 */
export function decodeSettings(
  { name, files }: LabelledFiles,
  headers: readonly ImageHeader[],
  options: ImageFolderOptions,
): { readonly settings: DecodeSettings; readonly notes: readonly string[] } {
  const { size, channels, like } = options;
  const { imageShape, pictures } = takenOf(like);
  const given = typeof size === "number" ? [size, size] : size;
  const [height, width] = given ?? imageShape?.slice(1) ?? pictures?.size ?? commonSize(files, headers);
  const stored = headers.every((header) => header.channels === 1) ? 1 : 3;
  const taken = imageShape?.[0];
  const settings: DecodeSettings = {
    height,
    width,
    channels: channels ?? (taken === 1 || taken === 3 ? taken : stored),
    ...ruleOf(options),
  };
  const [, down, across] = decodedShapeOf(settings);
  if (settings.transformBeforeCrop && down === height && across === width) throw nothingAround(settings);
  checkLimit("imagePixels", down * across, `An image of ${down}×${across}`);
  const notes = pictureNotes(name, headers, settings, {
    size: size !== undefined,
    resize: options.resize !== undefined,
    exif: options.exif !== undefined,
    beforeCrop: options.transformBeforeCrop !== undefined,
    modelSize: size === undefined && (imageShape ?? pictures?.size) !== undefined,
    modelResize: pictures !== undefined,
  });
  return { settings, notes };
}

/** By what pictures come to their size: what an option says, else the model, else the standard. */
function ruleOf(options: ImageFolderOptions): PictureRule {
  const stated = takenOf(options.like).pictures;
  const resize = options.resize ?? stated?.resize ?? standard.resize;
  // A model's share is one of its own rule.
  const share = options.cropShare ?? (stated?.resize === "crop" ? stated.cropShare : undefined);
  const cropShare = resize === "crop" ? (share ?? standard.cropShare) : 1;
  const isBefore = options.transformBeforeCrop ?? (stated?.transformBeforeCrop && cropShare < 1);
  return {
    resize,
    cropShare,
    interpolation: options.interpolation ?? stated?.interpolation ?? standard.interpolation,
    exif: exifOf(options),
    ...(isBefore && { transformBeforeCrop: true }),
  };
}

/** A picture as it is, for a look at whether it can be decoded. */
export const asStored = ({ height, width, channels }: ImageHeader): DecodeSettings => ({
  height,
  width,
  channels,
  ...standard,
});

const nothingAround = ({ height, width, resize }: DecodeSettings): UsageError => {
  const why = {
    stretch: "stretched",
    pad: "padded",
    crop: `cut to ${height}×${width} of a shorter side that is as long`,
  };
  return new UsageError(
    `Transforms are to come before the crop (transformBeforeCrop, --transform-before-crop), and pictures are ${why[resize]}: ` +
      `nothing is cut off. Give resize "crop" and a cropShare below 1 (--resize crop --crop-share 0.875), or leave it out.`,
  );
};

/** The rule alone, which a model remembers. */
export const ruleIn = ({
  resize,
  cropShare,
  interpolation,
  exif,
  transformBeforeCrop,
}: DecodeSettings): PictureRule => ({
  resize,
  cropShare,
  interpolation,
  exif,
  ...(transformBeforeCrop && { transformBeforeCrop }),
});

function commonSize(files: readonly string[], headers: readonly ImageHeader[]): [number, number] {
  const [{ height, width }] = headers;
  const odd = headers.findIndex((header) => header.height !== height || header.width !== width);
  if (odd >= 0) {
    throw new DataError(
      `${files[odd]} is ${headers[odd].height}×${headers[odd].width} pixels (height × width) and ` +
        `${files[0]} is ${height}×${width}. Pass a size (size, --image-size) to bring every image to.`,
    );
  }
  return [height, width];
}

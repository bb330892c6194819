/** What of a folder's images is chosen by whoever reads it, and what follows from the images. */
import { checkLimit } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { DecodeSettings } from "./decode-settings.ts";
import { DataError } from "./errors.ts";
import type { ImageHeader } from "./image-file.ts";
import type { LabelledFiles } from "./labelled-files.ts";
import type { Channels } from "./planar.ts";

export interface ImageFolderOptions {
  /** Stretch every image to [height, width] pixels, or to a square. Default: as stored, all of one size. */
  readonly size?: number | readonly [height: number, width: number];
  /** 1 for grey, 3 for colour. Default: 1 when every image of the split is grey, else 3. */
  readonly channels?: Channels;
  /**
   * One image as a model takes it: its size and channels are read where `size` or `channels` do not say otherwise. Other
   * sources than folders of images have their own, and leave it aside.
   */
  readonly like?: readonly [channels: number, height: number, width: number];
}

/** @throws UsageError for options that no image could have */
export function checkImageFolderOptions({ size, channels }: ImageFolderOptions): void {
  const sides = typeof size === "number" ? [size, size] : size;
  if (sides && (sides.length !== 2 || !sides.every((side) => Number.isInteger(side) && side >= 1))) {
    throw new UsageError(
      `Image size ${String(size)} is not possible. Give one or two whole numbers of pixels from 1.`,
    );
  }
  if (channels !== undefined && channels !== 1 && channels !== 3) {
    throw new UsageError(`Images cannot have ${String(channels)} channels. Use 1 for grey or 3 for colour.`);
  }
}

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
  { size, channels, like }: ImageFolderOptions,
): { readonly settings: DecodeSettings; readonly notes: readonly string[] } {
  const given = typeof size === "number" ? [size, size] : size;
  const [height, width] = given ?? like?.slice(1) ?? commonSize(files, headers);
  const stored = headers.every((header) => header.channels === 1) ? 1 : 3;
  const settings = {
    height,
    width,
    channels: channels ?? (like?.[0] === 1 || like?.[0] === 3 ? like[0] : stored),
  } as const;
  checkLimit("imagePixels", height * width, `An image of ${height}×${width}`);
  const isStretched = headers.some((header) => header.height !== height || header.width !== width);
  const notes =
    size === undefined && like !== undefined && isStretched
      ? [`${name}: images are stretched to ${height}×${width} pixels, which the model takes.`]
      : [];
  return { settings, notes };
}

function commonSize(files: readonly string[], headers: readonly ImageHeader[]): [number, number] {
  const [{ height, width }] = headers;
  const odd = headers.findIndex((header) => header.height !== height || header.width !== width);
  if (odd >= 0) {
    throw new DataError(
      `${files[odd]} is ${headers[odd].height}×${headers[odd].width} pixels (height × width) and ` +
        `${files[0]} is ${height}×${width}. Pass a size (size, --image-size) to stretch every image to.`,
    );
  }
  return [height, width];
}

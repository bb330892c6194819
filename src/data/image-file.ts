import sharp, { type Sharp } from "sharp";
import { DataError } from "./errors.ts";
import type { Channels } from "./planar.ts";
import { readBytes } from "./read-bytes.ts";

/** What a file's header says of its image. */
export interface ImageHeader {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, with or without transparency; 3 for everything else, a palette of greys included. */
  readonly channels: Channels;
}

/** Reads a header without decoding the image. @throws DataError that names the file */
export const readImageHeader = (file: string): Promise<ImageHeader> =>
  withImage(file, async (image) => {
    const { height, width, space } = await image.metadata();
    return { height, width, channels: isGrey(space) ? 1 : 3 };
  });

/**
 * Decodes an image to `height` × `width` bytes, interleaved [H, W, channels], 8 bits a channel in sRGB.
 * Another size is stretched to fit, with antialiased bilinear interpolation. Transparency is dropped, and an
 * orientation tag ignored, as torchvision's ImageFolder does.
 *
 * @throws DataError that names the file
 */
export const decodeImage = (file: string, { height, width, channels }: ImageHeader): Promise<Uint8Array> =>
  withImage(file, (image) =>
    image
      .resize(width, height, { fit: "fill", kernel: "linear" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .removeAlpha()
      .raw()
      .toBuffer(),
  );

const isGrey = (space: string | undefined): boolean => space === "b-w" || space === "grey16";

// From bytes rather than the path: sharp caches files by path, and a replaced file would show its old image.
async function withImage<Result>(file: string, use: (image: Sharp) => Promise<Result>): Promise<Result> {
  const bytes = await readBytes(file);
  try {
    return await use(sharp(bytes));
  } catch (cause) {
    const [reason] = (cause as Error).message.split("\n");
    throw new DataError(
      `${file} cannot be read as an image (${reason.replace(/:$/, "")}). Replace it or take it out of the folder.`,
      { cause },
    );
  }
}

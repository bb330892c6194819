/** Pictures by path, by their bytes or as pixels. */
import { decodesAtOnce } from "../decoded-queue.ts";
import { decodeImage, readImageHeader } from "../image-file.ts";
import type { ImageFolderOptions } from "../image-folder-options.ts";
import { readBytes } from "../read-bytes.ts";
import { loadSharp } from "../sharp.ts";
import { type OpenedPictures, type PictureReader, openedBy } from "./opened-by.ts";
import { type Picture, pictureName } from "./picture.ts";
import { headerOfPixels, isPixels, pixelsFitted } from "./pixels.ts";

/** As `openedBy` says. */
export async function openPictures(
  name: string,
  pictures: readonly Picture[],
  options: ImageFolderOptions,
): Promise<OpenedPictures> {
  // Where it is missing that is one error, not one for each picture.
  if (pictures.some((picture) => !isPixels(picture))) await loadSharp();
  return openedBy({ ...reader, atOnce: decodesAtOnce() }, name, pictures, options);
}

const reader: Omit<PictureReader<Picture>, "atOnce"> = {
  nameOf: pictureName,
  async header(picture, name, exif) {
    return isPixels(picture) ? headerOfPixels(picture) : readImageHeader(name, await bytesOf(picture), exif);
  },
  async pixels(picture, name, settings) {
    return isPixels(picture)
      ? pixelsFitted(picture, settings)
      : decodeImage(name, await bytesOf(picture), settings);
  },
};

const bytesOf = async (picture: string | Uint8Array): Promise<Uint8Array> =>
  typeof picture === "string" ? readBytes(picture) : picture;

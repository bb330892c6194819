/** Pictures without labels, some of which may turn out to be none: the others are read all the same. */
import { LimitError } from "../../options/index.ts";
import type { DecodeSettings } from "../decode-settings.ts";
import { decodesAtOnce } from "../decoded-queue.ts";
import { DataError } from "../errors.ts";
import { type ImageHeader, decodeImage, readImageHeader } from "../image-file.ts";
import {
  type ImageFolderOptions,
  checkImageFolderOptions,
  decodeSettings,
  exifOf,
} from "../image-folder-options.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import { readBytes } from "../read-bytes.ts";
import { loadSharp } from "../sharp.ts";
import { type Picture, pictureName } from "./picture.ts";
import { isPixels, pixelsFitted } from "./pixels.ts";

export interface OpenedPictures {
  /** Null where none of the pictures can be read. */
  readonly settings: DecodeSettings | null;
  /** What was chosen, a sentence each. */
  readonly notes: readonly string[];
  /** By the picture's index: those whose headers cannot be read. */
  readonly unreadable: ReadonlyMap<number, Error>;
  /** Bytes [C, H, W] of those at `indices`; an error in the place of each that cannot be decoded. */
  pixels(indices: readonly number[]): Promise<(Uint8Array | Error)[]>;
}

/**
 * Reads the headers of pictures, and settles by what rule they are brought to their size: as a folder of images is read, so that
 * a picture has the pixels that `evaluate` gives it.
 *
 * @param name  what notes call them all
 * @throws DataError where no size is known and they differ
 */
export async function openPictures(
  name: string,
  pictures: readonly Picture[],
  options: ImageFolderOptions,
): Promise<OpenedPictures> {
  checkImageFolderOptions(options);
  // Where it is missing that is one error, not one for each picture.
  if (pictures.some((picture) => !isPixels(picture))) await loadSharp();
  const exif = exifOf(options);
  const found = await mapConcurrently(pictures, decodesAtOnce(), (picture, i) =>
    orError(async () => {
      if (isPixels(picture)) return headerOf(picture);
      return readImageHeader(pictureName(picture, i), await bytesOf(picture), exif);
    }),
  );
  const headers = found.filter((each): each is ImageHeader => !(each instanceof Error));
  const unreadable = new Map(found.flatMap((each, i) => (each instanceof Error ? [[i, each] as const] : [])));
  if (headers.length === 0)
    return { settings: null, notes: [], unreadable, pixels: () => Promise.resolve([]) };
  const files = pictures.map(pictureName).filter((_, i) => !unreadable.has(i));
  const listed = { name, files, labels: new Int32Array(files.length).fill(-1), classNames: [], notes: [] };
  const { settings, notes } = decodeSettings(listed, headers, options);
  return {
    settings,
    notes,
    unreadable,
    pixels: (indices) =>
      mapConcurrently(indices, decodesAtOnce(), (index) =>
        orError(async () => {
          const picture = pictures[index];
          if (isPixels(picture)) return pixelsFitted(picture, settings);
          return decodeImage(pictureName(picture, index), await bytesOf(picture), settings);
        }),
      ),
  };
}

const bytesOf = async (picture: string | Uint8Array): Promise<Uint8Array> =>
  typeof picture === "string" ? readBytes(picture) : picture;

const headerOf = ({ width, height }: { width: number; height: number }): ImageHeader => ({
  height,
  width,
  channels: 3,
  isTurned: false,
});

/** What is wrong with one picture; what is wrong with us is thrown. */
async function orError<Result>(read: () => Promise<Result>): Promise<Result | Error> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataError || error instanceof LimitError) return error;
    throw error;
  }
}

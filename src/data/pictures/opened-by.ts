/** Pictures without labels, some of which may turn out to be none: the others are read all the same. Nothing of Node is in here. */
import { LimitError } from "../../options/index.ts";
import type { Exif } from "../../tensor/index.ts";
import type { DecodeSettings } from "../decode-settings.ts";
import { DataError } from "../errors.ts";
import type { ImageHeader } from "../image-header.ts";
import {
  type ImageFolderOptions,
  checkImageFolderOptions,
  decodeSettings,
  exifOf,
} from "../image-folder-options.ts";
import { mapConcurrently } from "../map-concurrently.ts";

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

/** How one picture is read. */
export interface PictureReader<Picture> {
  /** Pictures at once. */
  readonly atOnce: number;
  nameOf(picture: Picture, index: number): string;
  header(picture: Picture, name: string, exif: Exif): ImageHeader | Promise<ImageHeader>;
  /** Bytes of `decodedShapeOf(settings)`. */
  pixels(picture: Picture, name: string, settings: DecodeSettings): Uint8Array | Promise<Uint8Array>;
}

/**
 * Reads the headers of pictures, and settles by what rule they are brought to their size: as a folder of images is read, so that
 * a picture has the pixels that `evaluate` gives it.
 *
 * @param name  what notes call them all
 * @throws DataError where no size is known and they differ
 */
export async function openedBy<Picture>(
  reader: PictureReader<Picture>,
  name: string,
  pictures: readonly Picture[],
  options: ImageFolderOptions,
): Promise<OpenedPictures> {
  checkImageFolderOptions(options);
  const { atOnce } = reader;
  const exif = exifOf(options);
  const nameAt = (index: number): string => reader.nameOf(pictures[index], index);
  const found = await mapConcurrently(pictures, atOnce, (picture, i) =>
    orError(() => reader.header(picture, nameAt(i), exif)),
  );
  const headers = found.filter((each): each is ImageHeader => !(each instanceof Error));
  const unreadable = new Map(found.flatMap((each, i) => (each instanceof Error ? [[i, each] as const] : [])));
  if (headers.length === 0)
    return { settings: null, notes: [], unreadable, pixels: () => Promise.resolve([]) };
  const files = pictures.map((_, i) => nameAt(i)).filter((_, i) => !unreadable.has(i));
  const listed = { name, files, labels: new Int32Array(files.length).fill(-1), classNames: [], notes: [] };
  const { settings, notes } = decodeSettings(listed, headers, options);
  return {
    settings,
    notes,
    unreadable,
    pixels: (indices) =>
      mapConcurrently(indices, atOnce, (index) =>
        orError(() => reader.pixels(pictures[index], nameAt(index), settings)),
      ),
  };
}

/** What is wrong with one picture; what is wrong with us is thrown. */
async function orError<Result>(read: () => Result | Promise<Result>): Promise<Result | Error> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataError || error instanceof LimitError) return error;
    throw error;
  }
}

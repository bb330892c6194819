/** Pictures in a page or its worker: decoded by the browser, brought to their size by us. */
import { LimitError, checkLimit } from "../../options/index.ts";
import type { Exif } from "../../tensor/index.ts";
import { decodeBmp, isBmp, readBmpHeader } from "../bmp.ts";
import type { DecodeSettings } from "../decode-settings.ts";
import { DataError } from "../errors.ts";
import type { ImageHeader } from "../image-header.ts";
import type { ImageFolderOptions } from "../image-folder-options.ts";
import { isTurn, upright, uprightSize } from "../orientation.ts";
import { type OpenedPictures, type PictureReader, openedBy } from "../pictures/opened-by.ts";
import { headerOfPixels, planarFitted } from "../pictures/pixels.ts";
import { decodePnm, isPnm, readPnmHeader } from "../pnm.ts";
import { type DrawnPixels, bitmapPixels, readsHiddenColours } from "./canvas-pixels.ts";
import { type Bitmap, page } from "./page-types.ts";
import type { TakenFile, TakenPicture } from "./page-picture.ts";
import type { PlainFile } from "./plain-file-type.ts";
import { plainFile } from "./plain-file.ts";

/** What messages call a picture of a list. */
export const pagePictureName = ({ name }: TakenPicture, index: number): string =>
  name ?? `picture ${index + 1}`;

/** As `openedBy` says. */
export async function openPagePictures(
  name: string,
  pictures: readonly TakenPicture[],
  options: ImageFolderOptions,
): Promise<OpenedPictures> {
  /** Images whose files cannot be had. */
  const drawn = new Map<TakenPicture, DrawnPixels>();
  let hidden = 0;
  const pixelsOf = (picture: TakenPicture) => ("pixels" in picture ? picture.pixels : drawn.get(picture));
  const reader: PictureReader<TakenPicture> = {
    atOnce: 2,
    nameOf: pagePictureName,
    async header(picture, file, exif) {
      const known = pixelsOf(picture);
      if (known) return headerOfPixels(known);
      const source = picture as TakenFile;
      const bytes = await source.bytes().catch((error: unknown) => {
        if (!(error instanceof DataError) || !source.drawn) throw error;
        drawn.set(picture, source.drawn());
        return undefined;
      });
      if (!bytes) return headerOfPixels(drawn.get(picture)!);
      const { header, mayHideColours } = await fileHeader(file, bytes, exif);
      if (mayHideColours && !readsHiddenColours()) hidden++;
      return header;
    },
    async pixels(picture, file, settings) {
      const known = pixelsOf(picture);
      return known
        ? planarFitted(known.data, 3, known, settings)
        : decodedFile(file, await (picture as TakenFile).bytes(), settings);
    },
  };
  const opened = await openedBy(reader, name, pictures, options);
  const shown =
    `${name}: the page may not read the files of ${drawn.size} of ${pictures.length} pictures and takes what it shows of them, ` +
    `in the screen's colours.`;
  const lost =
    `${name}: this browser has no WebGL; where ${hidden} of ${pictures.length} pictures are transparent, their colours are not those ` +
    `of Node.`;
  const more = [...(drawn.size > 0 ? [shown] : []), ...(hidden > 0 ? [lost] : [])];
  return { ...opened, notes: [...opened.notes, ...more] };
}

interface FileHeader extends Pick<PlainFile, "mayHideColours"> {
  readonly header: ImageHeader;
}

const fileHeader = (file: string, bytes: Uint8Array, exif: Exif): Promise<FileHeader> =>
  named(file, async () => {
    const simple = simpleFormat(bytes);
    if (simple) {
      const { height, width, channels } = simple.header(bytes, file);
      return { header: { height, width, channels, isTurned: false } };
    }
    const plain = plainFile(bytes);
    const size = plain.size ?? (await withBitmap(plain, ({ width, height }) => ({ width, height })));
    checkLimit("imagePixels", size.height * size.width, `The image ${file}, ${size.height}×${size.width},`);
    const orientation = orientationOf(plain, exif);
    const { channels = 3, mayHideColours } = plain;
    const header = { ...uprightSize(size, orientation), channels, isTurned: isTurn(orientation) };
    return { header, mayHideColours };
  });

/** Bytes of `decodedShapeOf(settings)`. */
const decodedFile = (file: string, bytes: Uint8Array, settings: DecodeSettings): Promise<Uint8Array> =>
  named(file, async () => {
    const simple = simpleFormat(bytes);
    if (simple) {
      const { data, ...header } = simple.decode(bytes, file);
      return planarFitted(data, header.channels, header, settings);
    }
    const plain = plainFile(bytes);
    const orientation = orientationOf(plain, settings.exif);
    const { data, ...size } = await withBitmap(plain, bitmapPixels);
    return planarFitted(upright(data, 3, size, orientation), 3, uprightSize(size, orientation), settings);
  });

/** Formats that are read here: browsers have none, or differ. */
function simpleFormat(bytes: Uint8Array) {
  if (isBmp(bytes)) return { header: readBmpHeader, decode: decodeBmp };
  return isPnm(bytes) ? { header: readPnmHeader, decode: decodePnm } : undefined;
}

const orientationOf = ({ orientation }: PlainFile, exif: Exif): number | undefined =>
  exif === "apply" ? orientation : undefined;

async function withBitmap<Result>(
  { parts }: PlainFile,
  use: (bitmap: Bitmap) => Result | Promise<Result>,
): Promise<Result> {
  if (!page.createImageBitmap) {
    throw new Error(
      "there is no createImageBitmap here; pictures are decoded in a page or a worker of a browser",
    );
  }
  const blob = new Blob(parts as Uint8Array<ArrayBuffer>[]);
  // What `plainFile` leaves in, AVIF's profiles, is not to be applied either.
  const bitmap = await page
    .createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" })
    .catch((cause: Error) => {
      throw new Error(`this browser does not decode it: ${cause.message}`, { cause });
    });
  try {
    return await use(bitmap);
  } finally {
    bitmap.close();
  }
}

/** What goes wrong with a file is an error that names it. */
async function named<Result>(file: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof LimitError || cause instanceof DataError) throw cause;
    const reason = (cause as Error).message.replace(/\.$/, "");
    throw new DataError(`${file} cannot be read as an image (${reason}).`, { cause });
  }
}

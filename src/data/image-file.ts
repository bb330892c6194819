import type { Metadata, Sharp } from "sharp";
import { LimitError, checkLimit } from "../options/index.ts";
import type { Exif } from "../tensor/index.ts";
import { decodeBmp, isBmp, readBmpHeader } from "./bmp.ts";
import { cmykToRgb } from "./cmyk.ts";
import type { DecodeSettings } from "./decode-settings.ts";
import { DataError } from "./errors.ts";
import { decodePnm, isPnm, readPnmHeader } from "./pnm.ts";
import type { ImageHeader } from "./image-header.ts";
import { heicAdvice } from "./heic-advice.ts";
import { orientationInXmp } from "./orientation-in-xmp.ts";
import { isTurn, upright, uprightSize } from "./orientation.ts";
import { planarFitted } from "./pictures/pixels.ts";
import type { Channels } from "./planar.ts";
import type { Size } from "./resample.ts";
import { loadSharp } from "./sharp.ts";

/** Reads a header without decoding the image. @throws DataError that names the file */
export const readImageHeader = (file: string, bytes: Uint8Array, exif: Exif): Promise<ImageHeader> =>
  named(file, async () => {
    const simple = simpleFormat(bytes);
    if (simple) {
      const { height, width, channels } = simple.header(bytes, file);
      return { height, width, channels, isTurned: false };
    }
    const { header } = await opened(bytes, file);
    const orientation = orientationOf(header, exif);
    return {
      ...uprightSize({ height: header.height, width: header.width }, orientation),
      channels: channelsOf(header),
      isTurned: isTurn(orientation),
    };
  });

/**
 * Decodes an image to bytes [channels, H, W], 8 bits a channel: the numbers that Pillow's `Image.open(file).convert("RGB")`
 * gives, as torchvision's ImageFolder reads files, turned upright by `ImageOps.exif_transpose` where `exif` is "apply". So a
 * colour profile and a gamma chunk are ignored, transparency is dropped without blending, and inks (CMYK) become colours by
 * Pillow's formula. Another size is brought to the one that is wanted as `arranged` says. Of 16 bits the upper 8 are
 * kept, where Pillow does so for colour and clips grey at 255.
 *
 * @param file  where the bytes come from, for messages
 * @throws DataError that names the file
 */
export const decodeImage = (file: string, bytes: Uint8Array, settings: DecodeSettings): Promise<Uint8Array> =>
  named(file, async () => {
    const { data, channels: own, size, orientation } = await decoded(bytes, file, settings.exif);
    const picture = upright(data, own, size, orientation);
    // Here rather than by sharp: libvips would weigh colours by their transparency, and read a JPEG at a fraction of its size.
    return planarFitted(picture, own, uprightSize(size, orientation), settings);
  });

interface Decoded {
  /** Interleaved, [H, W, channels], in the file's own size. */
  readonly data: Uint8Array;
  readonly channels: Channels;
  readonly size: Size;
  /** EXIF's number, where it is to be applied. */
  readonly orientation?: number;
}

async function decoded(bytes: Uint8Array, file: string, exif: Exif): Promise<Decoded> {
  const simple = simpleFormat(bytes);
  if (simple) {
    const { data, ...header } = simple.decode(bytes, file);
    return { data, channels: header.channels, size: header };
  }
  const { image, header } = await opened(bytes, file);
  const channels = channelsOf(header);
  return { ...(await pixelsOf(image, header, channels)), channels, orientation: orientationOf(header, exif) };
}

/** Formats that are read here, as sharp does not. */
function simpleFormat(bytes: Uint8Array) {
  if (isBmp(bytes)) return { header: readBmpHeader, decode: decodeBmp };
  return isPnm(bytes) ? { header: readPnmHeader, decode: decodePnm } : undefined;
}

async function pixelsOf(
  image: Sharp,
  { space }: Metadata,
  channels: Channels,
): Promise<Pick<Decoded, "data" | "size">> {
  if (space === "cmyk") {
    const inks = image.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
    const { data, info } = await inks.toBuffer({ resolveWithObject: true });
    return { data: cmykToRgb(data), size: info };
  }
  if (space === "grey16") {
    // As colours, because libvips rounds 16 bits of grey to 8 and cuts 16 bits of colour.
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data: Uint8Array.from({ length: data.length / 3 }, (_, pixel) => data[3 * pixel]), size: info };
  }
  const pixels = image.toColourspace(channels === 1 ? "b-w" : "srgb").removeAlpha();
  const { data, info } = await pixels.raw().toBuffer({ resolveWithObject: true });
  return { data, size: info };
}

/** @throws LimitError; Error for a format that is not read */
async function opened(bytes: Uint8Array, file: string): Promise<{ image: Sharp; header: Metadata }> {
  if (bytes.length === 0) throw new Error("it is empty");
  const sharp = await loadSharp();
  // From bytes rather than the path: sharp caches files by path, and a replaced file would show its old image.
  const image = sharp(bytes, { ignoreIcc: true, limitInputPixels: false, failOn: "truncated" });
  const header = await image.metadata();
  const { height, width, format, compression } = header;
  // A picture of vectors may be drawn in any size, and name other files.
  if (!formats.has(format))
    throw new Error(`it is of the format ${format}; ${[...formats].join(", ")}, bmp and ppm are read`);
  if (format === "heif" && compression !== "av1")
    throw new Error(`it is HEIC, which cannot be decoded here: ${heicAdvice}`);
  checkLimit("imagePixels", height * width, `The image ${file}, ${height}×${width},`);
  return { image, header };
}

/** Pictures of pixels, told by the bytes: files from the web often go by the name of another format. */
const formats: ReadonlySet<string> = new Set(["png", "jpeg", "webp", "gif", "tiff", "heif"]);

/** EXIF's number, or XMP's where there is none; undefined where pixels are used as the decoder gives them. */
function orientationOf({ format, orientation, xmp }: Metadata, exif: Exif): number | undefined {
  // In AVIF turning is part of decoding, and done; of a TIFF Pillow's decoder does it, whoever asks.
  if (format === "heif" || (exif === "ignore" && format !== "tiff")) return undefined;
  return orientation ?? (xmp && orientationInXmp(xmp));
}

const channelsOf = ({ space }: Metadata): Channels => (space === "b-w" || space === "grey16" ? 1 : 3);

/** What goes wrong with a file is an error that names it. */
async function named<Result>(file: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (cause) {
    if (cause instanceof LimitError || cause instanceof DataError) throw cause;
    const [reason] = (cause as Error).message.split("\n");
    throw new DataError(
      `${file} cannot be read as an image (${reason.replace(/:$/, "")}). Replace it or take it out of the folder.`,
      { cause },
    );
  }
}

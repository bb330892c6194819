import type { Metadata, Sharp } from "sharp";
import { LimitError, checkLimit } from "../options/index.ts";
import { cmykToRgb } from "./cmyk.ts";
import { DataError } from "./errors.ts";
import type { DecodeSettings } from "./decode-settings.ts";
import { type Channels, writePlanar } from "./planar.ts";
import { loadSharp } from "./sharp.ts";
import { stretch } from "./stretch.ts";

/** What a file's header says of its image. */
export interface ImageHeader {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, with or without transparency; 3 for everything else, a palette of greys included. */
  readonly channels: Channels;
}

/** Reads a header without decoding the image. @throws DataError that names the file */
export const readImageHeader = (file: string, bytes: Uint8Array): Promise<ImageHeader> =>
  withImage(file, bytes, async (image) => {
    const { height, width, space } = await checkedHeader(image, file);
    return { height, width, channels: isGrey(space) ? 1 : 3 };
  });

/**
 * Decodes an image to bytes [channels, H, W], 8 bits a channel: the numbers that
 * Pillow's `Image.open(file).convert("RGB")` gives, as torchvision's ImageFolder reads files. So a colour profile, a gamma
 * chunk and an orientation tag are ignored, transparency is dropped without blending, and inks (CMYK) become colours
 * by Pillow's formula. Another size is stretched to fit as Pillow's `resize(…, BILINEAR)` does. Of 16 bits the upper 8
 * are kept, where Pillow does so for colour and clips grey at 255.
 *
 * @param file  where the bytes come from, for messages
 * @throws DataError that names the file
 */
export const decodeImage = (file: string, bytes: Uint8Array, settings: DecodeSettings): Promise<Uint8Array> =>
  withImage(file, bytes, async (image) => {
    const { height, width, channels } = settings;
    const header = await checkedHeader(image, file);
    // A file's own channels first: colour becomes grey, or grey colour, when it has its size.
    const own = isGrey(header.space) ? 1 : 3;
    // Stretched afterwards: libvips would weigh colours by their transparency, and read a JPEG at a fraction of its size.
    const { data, info } = await decoded(image, header, own);
    const planar = new Uint8Array(channels * height * width);
    writePlanar(stretch(data, own, info, { height, width }), own, channels, planar);
    return planar;
  });

interface Decoded {
  readonly data: Uint8Array;
  readonly info: { readonly height: number; readonly width: number };
}

/** Interleaved, [H, W, channels], in the file's own size. */
async function decoded(image: Sharp, { space }: Metadata, channels: Channels): Promise<Decoded> {
  if (space === "cmyk") {
    const inks = image.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
    const { data, info } = await inks.toBuffer({ resolveWithObject: true });
    return { data: cmykToRgb(data), info };
  }
  if (space === "grey16") {
    // As colours, because libvips rounds 16 bits of grey to 8 and cuts 16 bits of colour.
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data: Uint8Array.from({ length: data.length / 3 }, (_, pixel) => data[3 * pixel]), info };
  }
  const colourSpace = channels === 1 ? "b-w" : "srgb";
  return image.toColourspace(colourSpace).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

/** @throws LimitError */
async function checkedHeader(image: Sharp, file: string): Promise<Metadata> {
  const header = await image.metadata();
  const { height, width, format } = header;
  // A picture of vectors may be drawn in any size, and name other files.
  if (!formats.has(format))
    throw new Error(`it is of the format ${format}; ${[...formats].join(", ")} are read`);
  checkLimit("imagePixels", height * width, `The image ${file}, ${height}×${width},`);
  return header;
}

/** Pictures of pixels, told by the bytes: files from the web often go by the name of another format. */
const formats: ReadonlySet<string> = new Set(["png", "jpeg", "webp", "gif", "tiff", "heif", "ppm"]);

const isGrey = (space: string | undefined): boolean => space === "b-w" || space === "grey16";

// From bytes rather than the path: sharp caches files by path, and a replaced file would show its old image.
async function withImage<Result>(
  file: string,
  bytes: Uint8Array,
  use: (image: Sharp) => Promise<Result>,
): Promise<Result> {
  const sharp = await loadSharp();
  try {
    return await use(sharp(bytes, { ignoreIcc: true, limitInputPixels: false, failOn: "truncated" }));
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    const [reason] = (cause as Error).message.split("\n");
    throw new DataError(
      `${file} cannot be read as an image (${reason.replace(/:$/, "")}). Replace it or take it out of the folder.`,
      { cause },
    );
  }
}

/** A picture that a page has, in any of the forms that pages have them in. */
import { checkLimit, isBytes, kindOf, refuse } from "../../options/index.ts";
import { DataError } from "../errors.ts";
import { type PixelPicture, checkPixels, isPixels, withoutAlpha } from "../pictures/pixels.ts";
import { type DrawnPixels, drawnPixels } from "./canvas-pixels.ts";
import { bytesAt, shortened } from "./fetched-bytes.ts";

/** A `Blob` or `File`. */
export interface PageFile {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** An `<img>`. */
export interface PageImage {
  readonly currentSrc: string;
  readonly src: string;
  readonly complete: boolean;
  readonly naturalWidth: number;
  readonly naturalHeight: number;
  decode(): Promise<void>;
}

/** A `<video>`, whose current frame is meant. */
export interface PageVideo {
  readonly videoWidth: number;
  readonly videoHeight: number;
}

/** A `VideoFrame`. */
export interface PageFrame {
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** A `<canvas>`, an `OffscreenCanvas` or an `ImageBitmap`. */
export interface PageCanvas {
  readonly width: number;
  readonly height: number;
}

/**
 * An image's file as a `File`, `Blob`, bytes or its address; decoded pixels, as an `ImageData`; or an `<img>`, `<canvas>`,
 * `OffscreenCanvas`, `ImageBitmap`, `<video>` or `VideoFrame`.
 */
export type PagePicture =
  | string
  | URL
  | PageFile
  | Uint8Array
  | ArrayBuffer
  | PixelPicture
  | PageImage
  | PageVideo
  | PageFrame
  | PageCanvas;

/** A picture as it was when it was given. */
export type TakenPicture = TakenFile | TakenPixels;

export interface TakenFile {
  /** What messages call it; undefined for its number in the list. */
  readonly name?: string;
  /** The same ones each time. */
  readonly bytes: () => Promise<Uint8Array>;
  /** What the page itself shows of it, where its file cannot be had. */
  readonly drawn?: () => DrawnPixels;
}

export interface TakenPixels {
  readonly name?: string;
  readonly pixels: DrawnPixels;
}

const needed =
  "a File, Blob, bytes or the address of an image, an ImageData, or an <img>, <canvas>, ImageBitmap, <video> or VideoFrame";

/**
 * Takes a picture: what moves is drawn before this returns.
 *
 * @throws UsageError for what is no picture; DataError for one that shows nothing, or that the page may not read
 */
export function takePicture(where: string, what: string, value: unknown): TakenPicture {
  const kind = kindOf(value);
  if (typeof value === "string" && value !== "") return { name: shortened(value), bytes: bytesAt(value) };
  if (kind === "URL") return takePicture(where, what, String(value));
  if (isBytes(value)) return { bytes: () => Promise.resolve(value) };
  if (kind === "ArrayBuffer") return { bytes: () => Promise.resolve(new Uint8Array(value as ArrayBuffer)) };
  if (kind === "File" || kind === "Blob") return takeFile(value as PageFile & { readonly name?: string });
  if (kind === "HTMLImageElement") return takeImage(value as PageImage);
  const sizeOf = drawable.get(kind);
  if (sizeOf) return { pixels: taken(what, kind, value as object, sizeOf(value as never)) };
  if (isPixels(value)) {
    checkPixels(where, value);
    const { width, height } = value;
    checkSize(what, width, height);
    return { pixels: { data: withoutAlpha(value), width, height } };
  }
  return refuse(where, what, value, needed, advice(value, kind));
}

type Sides = readonly [width: number, height: number];

/** What a canvas can draw, by the name of its class, and its size. */
const drawable: ReadonlyMap<string, (value: never) => Sides> = new Map<string, (value: never) => Sides>([
  ["HTMLVideoElement", ({ videoWidth, videoHeight }: PageVideo) => [videoWidth, videoHeight]],
  ["VideoFrame", ({ displayWidth, displayHeight }: PageFrame) => [displayWidth, displayHeight]],
  ...["HTMLCanvasElement", "OffscreenCanvas", "ImageBitmap"].map(
    (kind) => [kind, ({ width, height }: PageCanvas): Sides => [width, height]] as const,
  ),
]);

/** Why there is nothing to see. */
const emptiness: ReadonlyMap<string, string> = new Map([
  ["HTMLVideoElement", `it has no frame yet: wait for its event "loadeddata"`],
  ["VideoFrame", "it is closed"],
  ["ImageBitmap", "it is closed"],
]);

function taken(what: string, kind: string, value: object, [width, height]: Sides): DrawnPixels {
  if (!(width > 0 && height > 0)) {
    const why = emptiness.get(kind) ?? "give it a size and draw on it";
    throw new DataError(`${sentence(what)}, ${nameOf(kind)}, is ${width}×${height} pixels: ${why}.`);
  }
  checkSize(what, width, height);
  return drawnOrRefused(what, value, width, height);
}

function drawnOrRefused(what: string, value: object, width: number, height: number): DrawnPixels {
  try {
    return drawnPixels(value, width, height);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const isForeign = (cause as Error).name === "SecurityError";
    throw new DataError(
      isForeign
        ? `${sentence(what)} shows something of another origin, which the page may not read. Load that with crossorigin="anonymous" from ` +
            `a server that allows it (Access-Control-Allow-Origin), or give the file itself.`
        : `${sentence(what)} cannot be drawn: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function takeFile(file: PageFile & { readonly name?: string }): TakenFile {
  const { name, size } = file;
  checkLimit("fileBytes", size, `The file ${name ?? "of the picture"}`);
  return {
    name,
    bytes: () =>
      file.arrayBuffer().then(
        (buffer) => new Uint8Array(buffer),
        (cause: Error) => {
          throw new DataError(
            `${name ?? "The Blob"} cannot be read: ${cause.message}. Has it changed since it was chosen?`,
            { cause },
          );
        },
      ),
  };
}

/** The file that it shows, so that its pixels are those of the file; where that cannot be had, what the page draws of it. */
function takeImage(image: PageImage): TakenFile {
  const address = image.currentSrc || image.src;
  if (address === "" || (image.complete && image.naturalWidth === 0)) {
    throw new DataError(
      address === ""
        ? "The <img> has no src. Give it one, or give the file."
        : `The <img> of ${shortened(address)} shows nothing: it could not be loaded.`,
    );
  }
  return {
    name: shortened(address),
    async bytes() {
      await image.decode().catch((cause: Error) => {
        throw new DataError(`The <img> of ${shortened(address)} could not be loaded: ${cause.message}`, {
          cause,
        });
      });
      return bytesAt(address)();
    },
    drawn: () =>
      drawnOrRefused(`The <img> of ${shortened(address)}`, image, image.naturalWidth, image.naturalHeight),
  };
}

const checkSize = (what: string, width: number, height: number): void =>
  checkLimit("imagePixels", width * height, `${sentence(what)}, ${height}×${width},`);

/** "picture" and "picture 2" at the beginning of a sentence. */
const sentence = (what: string): string =>
  what === "picture" ? "The picture" : what[0].toUpperCase() + what.slice(1);

/** As pages write it. */
function nameOf(kind: string): string {
  const tag = /^HTML(\w+)Element$/.exec(kind)?.[1].toLowerCase();
  if (tag) return `a <${tag}>`;
  return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
}

function advice(value: unknown, kind: string): string {
  if (value === null) return "Nothing has that selector or id, perhaps.";
  if (kind === "HTMLInputElement") return "Give input.files, or one of them.";
  if (kind === "FileSystemFileHandle") return "Give await handle.getFile().";
  if (kind === "Response") return "Give await response.blob().";
  if (kind === "MediaStream") return "Show it in a <video>, and give that.";
  if (/^(WebGL|WebGPU|Canvas|Offscreen).*Context/.test(kind)) return "Give its member canvas.";
  if (ArrayBuffer.isView(value))
    return "Give new Uint8Array(array.buffer) of a file's bytes, or an ImageData.";
  return "";
}

/** Pictures that are decoded already, as a page's canvas gives them, and how they come to the size that a model takes. */
import { isRecord, kindOf, shown } from "../../options/index.ts";
import { UsageError } from "../../tensor/errors.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { arranged } from "../arrange.ts";
import { type DecodeSettings, decodedShapeOf } from "../decode-settings.ts";
import type { ImageHeader } from "../image-header.ts";
import { writePlanar } from "../planar.ts";
import type { Size } from "../resample.ts";

/** An upright picture [H, W, 4] of bytes: red, green, blue, and a transparency that is left aside. An `ImageData` is one. */
export interface PixelPicture {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** @throws UsageError for what has its members and is none */
export function checkPixels(where: string, picture: PixelPicture): void {
  const { data, width, height } = picture;
  const isBytes = kindOf(data) === "Uint8ClampedArray" || kindOf(data) === "Uint8Array";
  const isSized = [width, height].every((side) => Number.isInteger(side) && side > 0);
  if (isBytes && isSized && data.length === 4 * width * height) return;
  const given = isBytes ? `${data.length} bytes` : shown(data);
  throw new UsageError(
    `${where}: a picture of pixels has 4 bytes each, red, green, blue and transparency, as canvas' getImageData gives them; ` +
      `this one says ${shown(width)}×${shown(height)} pixels (width × height) and has ${given}.`,
  );
}

/** Whether it has what a picture of pixels has; whether that fits together, `checkPixels` says. */
export const isPixels = (value: unknown): value is PixelPicture =>
  isRecord(value) && "data" in value && "width" in value && "height" in value;

/** What a file's header would say. */
export const headerOfPixels = ({ width, height }: Size): ImageHeader => ({
  height,
  width,
  channels: 3,
  isTurned: false,
});

/** The picture as a model takes it: bytes [channels, H, W]. */
export function pixelsFitted(picture: PixelPicture, settings: DecodeSettings): Uint8Array {
  return planarFitted(withoutAlpha(picture), 3, picture, settings);
}

/**
 * An upright picture [H, W, channels] of interleaved bytes as a model takes it: brought to its size by the rule, then to its
 * channels, bytes [channels, H, W]; with what lies around it, where transforms are to see that (`decodedShapeOf`).
 */
export function planarFitted(
  picture: Uint8Array,
  channels: 1 | 3,
  size: Size,
  settings: DecodeSettings,
): Uint8Array {
  const fitting = arranged(picture, channels, size, settings, settings);
  // A file's own channels first: colour becomes grey, or grey colour, when it has its size.
  const planar = new Uint8Array(sizeOf(decodedShapeOf(settings)));
  writePlanar(fitting, channels, settings.channels, planar);
  return planar;
}

/** As decoders do that know of no transparency: what lies under it shows. */
export function withoutAlpha({ data, width, height }: PixelPicture): Uint8Array {
  const result = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < result.length; from += 4) {
    result[to++] = data[from];
    result[to++] = data[from + 1];
    result[to++] = data[from + 2];
  }
  return result;
}

/** A picture that somebody asks about, wherever it comes from. */
import { isBytes, refuse } from "../../options/index.ts";
import { type PixelPicture, checkPixels, isPixels } from "./pixels.ts";

/** The path of an image file; its bytes; or decoded pixels, as an `ImageData`. */
export type Picture = string | Uint8Array | PixelPicture;

/** @throws UsageError for what is no picture */
export function checkPicture(where: string, what: string, value: unknown): asserts value is Picture {
  if ((typeof value === "string" && value !== "") || isBytes(value)) return;
  if (isPixels(value)) return checkPixels(where, value);
  refuse(
    where,
    what,
    value,
    "the path of an image file, its bytes, or an ImageData",
    value instanceof ArrayBuffer ? "Give new Uint8Array(buffer)." : "",
  );
}

/** What messages call a picture of a list. */
export const pictureName = (picture: Picture, index: number): string =>
  typeof picture === "string" ? picture : `picture ${index + 1}`;

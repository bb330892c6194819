import type { ImageBatch } from "../tensor/index.ts";
import { requireColour } from "./colour-channels.ts";
import { outputFor } from "./output.ts";

/** Writes one pixel's red, green and blue to `out`; `r`, `g` and `b` are where they stand in both arrays. */
export type ChangePixel = (pixels: Float32Array, out: Float32Array, r: number, g: number, b: number) => void;

/** A change of each pixel by its own colour, as a transform applies it. @throws UsageError for images without colour */
export const perPixel =
  (familyName: string, change: ChangePixel) =>
  (images: ImageBatch, out?: Float32Array): Float32Array => {
    requireColour(familyName, images);
    const changed = outputFor(images, out);
    const [n, , height, width] = images.shape;
    const planeSize = height * width;
    for (let start = 0; start < n * 3 * planeSize; start += 3 * planeSize) {
      for (let r = start; r < start + planeSize; r++) {
        change(images.data, changed, r, r + planeSize, r + 2 * planeSize);
      }
    }
    return changed;
  };

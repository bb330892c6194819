import { outputFor } from "../output.ts";
import type { ImageBatch } from "../../tensor/index.ts";
import { positionsPerPixel } from "../source-map.ts";
import type { InverseAffine } from "../warp-taps.ts";

/** Images for which positions are quicker computed than kept. */
export const FEW_IMAGES = 4;

/**
 * A bilinear warp with zeros outside the source, its positions computed as they are used: the same bits as `warp`, whose taps
 * take longer to make than a few images to warp. [N, C, H, W] -> the same shape.
 */
export function warpOnce(matrix: InverseAffine, images: ImageBatch, out?: Float32Array): Float32Array {
  const warped = outputFor(images, out);
  const [n, channels, height, width] = images.shape;
  const source = images.data;
  const [a, b, tx, c, d, ty] = matrix;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const size = height * width;
  const end = n * channels * size;
  for (let row = 0, target = 0; row < height; row++) {
    const y = row - centreY;
    const by = b * y;
    const dy = d * y;
    for (let column = 0; column < width; column++, target++) {
      const x = column - centreX;
      // Rounded as in `warpTaps`; Math.round takes as long as all the rest.
      const sourceX = Math.floor((a * x + by + tx + centreX) * positionsPerPixel + 0.5) / positionsPerPixel;
      const sourceY = Math.floor((c * x + dy + ty + centreY) * positionsPerPixel + 0.5) / positionsPerPixel;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      if (left < -1 || left >= width || top < -1 || top >= height) {
        for (let plane = 0; plane < end; plane += size) warped[plane + target] = 0;
        continue;
      }
      // A tap outside the source reads pixel 0 with weight 0.
      const inLeft = left >= 0;
      const inRight = left + 1 < width;
      const inTop = top >= 0;
      const inBottom = top + 1 < height;
      const toRight = sourceX - left;
      const toBottom = sourceY - top;
      const toLeft = left + 1 - sourceX;
      const toTop = top + 1 - sourceY;
      const w0 = inLeft && inTop ? Math.fround(toLeft * toTop) : 0;
      const w1 = inRight && inTop ? Math.fround(toRight * toTop) : 0;
      const w2 = inLeft && inBottom ? Math.fround(toLeft * toBottom) : 0;
      const w3 = inRight && inBottom ? Math.fround(toRight * toBottom) : 0;
      const first = top * width + left;
      const s0 = w0 === 0 ? 0 : first;
      const s1 = w1 === 0 ? 0 : first + 1;
      const s2 = w2 === 0 ? 0 : first + width;
      const s3 = w3 === 0 ? 0 : first + width + 1;
      for (let plane = 0; plane < end; plane += size) {
        warped[plane + target] =
          w0 * source[plane + s0] +
          w1 * source[plane + s1] +
          w2 * source[plane + s2] +
          w3 * source[plane + s3];
      }
    }
  }
  return warped;
}

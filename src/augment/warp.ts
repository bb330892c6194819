import type { ImageBatch } from "../tensor/index.ts";
import { outputFor } from "./output.ts";
import type { Fill } from "./reflected.ts";
import { type InverseAffine, type WarpTaps, warpTaps } from "./warp-taps.ts";

/**
 * A bilinear warp with zeros, or the mirrored image, outside the source, for images of any size: [N, C, H, W] -> the same shape.
 * The taps of each image size are computed once and kept with the returned function.
 */
export function warp(
  matrix: InverseAffine,
  fill: Fill = "zero",
): (images: ImageBatch, out?: Float32Array) => Float32Array {
  const tapsBySize = new Map<string, WarpTaps>();
  return (images, out) => {
    const warped = outputFor(images, out);
    const [n, channels, height, width] = images.shape;
    const size = `${height}x${width}`;
    let taps = tapsBySize.get(size);
    if (taps === undefined) {
      taps = warpTaps(matrix, height, width, fill);
      tapsBySize.set(size, taps);
    }
    applyTaps(taps, images.data, n * channels, warped);
    return warped;
  };
}

/** A block's input and output stay in a core's cache (at 28×28: 100 kB) while its taps are read once. */
const planesPerBlock = 16;

/** Warps `planes` source planes [planes, H, W] into `out`, of the same shape. */
function applyTaps(taps: WarpTaps, source: Float32Array, planes: number, out: Float32Array): void {
  const { targets, sources, weights } = taps;
  const planeSize = taps.height * taps.width;
  out.fill(0);
  for (let first = 0; first < planes; first += planesPerBlock) {
    const start = first * planeSize;
    const end = Math.min(first + planesPerBlock, planes) * planeSize;
    for (let i = 0, tap = 0; i < targets.length; i++, tap += 4) {
      const target = targets[i];
      const s0 = sources[tap];
      const s1 = sources[tap + 1];
      const s2 = sources[tap + 2];
      const s3 = sources[tap + 3];
      const w0 = weights[tap];
      const w1 = weights[tap + 1];
      const w2 = weights[tap + 2];
      const w3 = weights[tap + 3];
      for (let plane = start; plane < end; plane += planeSize) {
        out[plane + target] =
          w0 * source[plane + s0] +
          w1 * source[plane + s1] +
          w2 * source[plane + s2] +
          w3 * source[plane + s3];
      }
    }
  }
}

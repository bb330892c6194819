import type { ImageBatch } from "../tensor/index.ts";
import type { Interpolation } from "./interpolation.ts";
import { outputFor } from "./output.ts";
import type { Fill } from "./reflected.ts";
import { simdWarp } from "./values-simd.ts";
import { type SourceMap, type WarpTaps, warpTaps } from "./warp-taps.ts";

/**
 * A warp of images of any size, with black, the outermost pixels or the mirrored image outside the source: [N, C, H, W] -> the same
 * shape. The taps of each image size are computed once and kept with the returned function.
 */
export function warp(
  map: SourceMap,
  fill: Fill = "zero",
  interpolation: Interpolation = "bilinear",
): (images: ImageBatch, out?: Float32Array) => Float32Array {
  const tapsBySize = new Map<string, WarpTaps>();
  return (images, out) => {
    const warped = outputFor(images, out);
    const [n, channels, height, width] = images.shape;
    // An affine map is about the middle, whatever is shown of it.
    const frame = typeof map === "function" ? images.frame : undefined;
    const size = `${height}x${width} ${frame?.join("x")}`;
    let taps = tapsBySize.get(size);
    if (taps === undefined) {
      taps = warpTaps(map, height, width, fill, interpolation, frame);
      tapsBySize.set(size, taps);
    }
    if (interpolation === "bilinear" && simdWarp(taps, images.data, n * channels, warped)) return warped;
    warped.fill(0);
    apply[interpolation](taps, images.data, n * channels, warped);
    return warped;
  };
}

/** A block's input and output stay in a core's cache (at 28×28: 100 kB) while its taps are read once. */
const planesPerBlock = 16;

/** Warps `planes` source planes [planes, H, W] into `out`, of the same shape, which holds zeros. */
type ApplyTaps = (taps: WarpTaps, source: Float32Array, planes: number, out: Float32Array) => void;

export function applyFour(taps: WarpTaps, source: Float32Array, planes: number, out: Float32Array): void {
  const { targets, sources, weights } = taps;
  const planeSize = taps.height * taps.width;
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

function applyOne({ targets, sources, height, width }: WarpTaps, ...[source, planes, out]: Applied): void {
  const planeSize = height * width;
  for (let plane = 0; plane < planes * planeSize; plane += planeSize) {
    for (let i = 0; i < targets.length; i++) out[plane + targets[i]] = source[plane + sources[i]];
  }
}

function applyMany(taps: WarpTaps, ...[source, planes, out]: Applied): void {
  const { targets, sources, weights, each } = taps;
  const planeSize = taps.height * taps.width;
  for (let first = 0; first < planes; first += planesPerBlock) {
    const start = first * planeSize;
    const end = Math.min(first + planesPerBlock, planes) * planeSize;
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i];
      for (let plane = start; plane < end; plane += planeSize) {
        let sum = 0;
        for (let tap = i * each; tap < (i + 1) * each; tap++)
          sum += weights[tap] * source[plane + sources[tap]];
        out[plane + target] = sum;
      }
    }
  }
}

type Applied = readonly [source: Float32Array, planes: number, out: Float32Array];

const apply: Readonly<Record<Interpolation, ApplyTaps>> = {
  nearest: applyOne,
  bilinear: applyFour,
  bicubic: applyMany,
};

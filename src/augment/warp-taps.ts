import { type Fill, reflected } from "./reflected.ts";

/**
 * An inverse affine map: the pixel of the source that each output pixel shows.
 *
 *   source x = a·x + b·y + tx
 *   source y = c·x + d·y + ty
 *
 * Coordinates are in pixels from the image centre ((W−1)/2, (H−1)/2), x to the right and y down, so that one
 * matrix serves images of every size.
 */
export type InverseAffine = readonly [a: number, b: number, tx: number, c: number, d: number, ty: number];

/**
 * A bilinear warp as a sparse matrix: output pixel `targets[i]` is Σ over j of
 * `weights[4i + j]` · source pixel `sources[4i + j]`. Output pixels that are not among the targets are zero.
 * Pixels are counted in reading order, y·W + x.
 */
export interface WarpTaps {
  readonly height: number;
  readonly width: number;
  /** [P], ascending: the output pixels with at least one tap inside the source, P ≤ H·W. */
  readonly targets: Int32Array;
  /** [P, 4]: upper left, upper right, lower left, lower right. A tap outside the source points at pixel 0. */
  readonly sources: Int32Array;
  /** [P, 4], in [0, 1]; 0 for a tap outside the source. */
  readonly weights: Float32Array;
}

/** Source positions are rounded to this share of a pixel, so that quarter turns are exact permutations. */
const positionsPerPixel = 2 ** 30;

/** The taps of a bilinear warp by `matrix` of images `height` × `width`, with zeros or the mirrored image outside the source. */
export function warpTaps(
  matrix: InverseAffine,
  height: number,
  width: number,
  fill: Fill = "zero",
): WarpTaps {
  const [a, b, tx, c, d, ty] = matrix;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const inSource = (tap: { x: number; y: number; weight: number }) =>
    fill === "reflect" ? { ...tap, x: reflected(tap.x, width), y: reflected(tap.y, height) } : tap;
  const targets: number[] = [];
  const sources: number[] = [];
  const weights: number[] = [];
  for (let target = 0; target < height * width; target++) {
    const x = (target % width) - centreX;
    const y = Math.floor(target / width) - centreY;
    const sourceX = rounded(a * x + b * y + tx + centreX);
    const sourceY = rounded(c * x + d * y + ty + centreY);
    const left = Math.floor(sourceX);
    const top = Math.floor(sourceY);
    const taps = [
      { x: left, y: top, weight: (left + 1 - sourceX) * (top + 1 - sourceY) },
      { x: left + 1, y: top, weight: (sourceX - left) * (top + 1 - sourceY) },
      { x: left, y: top + 1, weight: (left + 1 - sourceX) * (sourceY - top) },
      { x: left + 1, y: top + 1, weight: (sourceX - left) * (sourceY - top) },
    ]
      .map(inSource)
      .map((tap) =>
        tap.weight > 0 && tap.x >= 0 && tap.x < width && tap.y >= 0 && tap.y < height
          ? { source: tap.y * width + tap.x, weight: tap.weight }
          : { source: 0, weight: 0 },
      );
    if (taps.every((tap) => tap.weight === 0)) continue;
    targets.push(target);
    sources.push(...taps.map((tap) => tap.source));
    weights.push(...taps.map((tap) => tap.weight));
  }
  return {
    height,
    width,
    targets: Int32Array.from(targets),
    sources: Int32Array.from(sources),
    weights: Float32Array.from(weights),
  };
}

const rounded = (position: number): number => Math.round(position * positionsPerPixel) / positionsPerPixel;

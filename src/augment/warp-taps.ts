import { type Interpolation, cubicWeights, tapsAlong } from "./interpolation.ts";
import { type Fill, placeIn } from "./reflected.ts";
import {
  type InverseAffine,
  type Projective,
  type SourceMap,
  type WarpSize,
  sourceOf,
} from "./source-map.ts";
import { torchPlaces } from "./torch-places.ts";

export type { InverseAffine, Projective, SourceMap };

/**
 * A warp as a sparse matrix: output pixel `targets[i]` is Σ over j < `each` of `weights[each·i + j]` · source pixel
 * `sources[each·i + j]`. Output pixels that are not among the targets are zero. Pixels are counted in reading order, y·W + x.
 */
export interface WarpTaps {
  readonly height: number;
  readonly width: number;
  /** Taps of a target: 4 bilinear, 16 bicubic, 1 nearest. */
  readonly each: number;
  /** [P], ascending: the output pixels with at least one tap inside the source, P ≤ H·W. */
  readonly targets: Int32Array;
  /** [P, each], row by row: of four the upper left, upper right, lower left, lower right. A tap outside the source points at pixel 0. */
  readonly sources: Int32Array;
  /** [P, each]; 0 for a tap outside the source. */
  readonly weights: Float32Array;
}

/** The taps of a warp of images `height` × `width`, with black, the outermost pixels or the mirrored image outside the source; `frame`: {@link WarpSize}. */
export function warpTaps(
  map: SourceMap,
  height: number,
  width: number,
  fill: Fill = "zero",
  interpolation: Interpolation = "bilinear",
  frame?: WarpSize["frame"],
): WarpTaps {
  const size = { height, width, frame };
  const side = tapsAlong[interpolation];
  const each = side * side;
  const targets = new Int32Array(height * width);
  const sources = new Int32Array(height * width * each);
  const weights = new Float32Array(height * width * each);
  // Nearest pixels stand or fall with the last bit of a place half-way between two: it is torch's.
  const placeOf = interpolation === "nearest" ? torchPlaces(map, size) : sourceOf(map, size);
  const weigh = weighting[interpolation];
  const place = new Float64Array(2);
  const columns = new Float64Array(side);
  const rows = new Float64Array(side);
  let count = 0;
  for (let target = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, target++) {
      placeOf(x, y, place);
      const left = weigh(place[0], columns);
      const top = weigh(place[1], rows);
      let isSeen = false;
      for (let j = 0; j < side; j++) {
        const row = placeIn(top + j, height, fill);
        for (let i = 0; i < side; i++) {
          const weight = columns[i] * rows[j];
          const column = placeIn(left + i, width, fill);
          const tap = count * each + j * side + i;
          const isInside = weight !== 0 && row >= 0 && column >= 0;
          sources[tap] = isInside ? row * width + column : 0;
          weights[tap] = isInside ? weight : 0;
          isSeen ||= isInside;
        }
      }
      if (isSeen) targets[count++] = target;
    }
  }
  return {
    height,
    width,
    each,
    targets: targets.slice(0, count),
    sources: sources.slice(0, count * each),
    weights: weights.slice(0, count * each),
  };
}

/** By interpolation: weights along one axis, and the first place that they are of. */
const weighting: Readonly<Record<Interpolation, (place: number, weights: Float64Array) => number>> = {
  nearest(place, weights) {
    weights[0] = 1;
    return place;
  },
  bilinear(place, weights) {
    const first = Math.floor(place);
    weights[0] = first + 1 - place;
    weights[1] = place - first;
    return first;
  },
  bicubic(place, weights) {
    const first = Math.floor(place);
    cubicWeights(place - first, weights);
    return first - 1;
  },
};

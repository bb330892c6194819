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
 * An inverse projective map, in pixels from the outer edge of the image's upper left pixel (pixel centres at 0.5, 1.5, …):
 *
 *   source x = (p0·x + p1·y + p2) / (p6·x + p7·y + 1)
 *   source y = (p3·x + p4·y + p5) / (p6·x + p7·y + 1)
 */
export type Projective = readonly [number, number, number, number, number, number, number, number];

/** Where a warp's pixels come from: an affine map, or what makes a projective one for a size of images. */
export type SourceMap = InverseAffine | ((height: number, width: number) => Projective);

/** Height and width of images, and of the frame in their middle, where they go on around it. */
export interface WarpSize {
  readonly height: number;
  readonly width: number;
  readonly frame?: readonly [height: number, width: number];
}

/** Writes the place in the source, in pixels from the centre of its first one, that output pixel (x, y) shows: x, then y. */
export type PlaceOf = (x: number, y: number, place: Float64Array) => void;

/** Source places are rounded to this share of a pixel, so that quarter turns are exact permutations. */
export const positionsPerPixel = 2 ** 30;

const rounded = (position: number): number => Math.round(position * positionsPerPixel) / positionsPerPixel;

export function sourceOf(map: SourceMap, { height, width, frame = [height, width] }: WarpSize): PlaceOf {
  if (typeof map === "function") {
    return projected(map(...frame), (width - frame[1]) / 2, (height - frame[0]) / 2);
  }
  const [a, b, tx, c, d, ty] = map;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  return (x, y, place) => {
    const [fromX, fromY] = [x - centreX, y - centreY];
    place[0] = rounded(a * fromX + b * fromY + tx + centreX);
    place[1] = rounded(c * fromX + d * fromY + ty + centreY);
  };
}

/** @param left  of the frame, as `top` in pixels */
function projected([p0, p1, p2, p3, p4, p5, p6, p7]: Projective, left: number, top: number): PlaceOf {
  return (column, row, place) => {
    const [x, y] = [column - left + 0.5, row - top + 0.5];
    const scale = p6 * x + p7 * y + 1;
    place[0] = rounded((p0 * x + p1 * y + p2) / scale - 0.5 + left);
    place[1] = rounded((p3 * x + p4 * y + p5) / scale - 0.5 + top);
  };
}

/**
 * The middle of a plane [H, W], as large as 1/factor of it, brought to about the plane's size: linearly, corners on corners, as
 * SciPy's `ndimage.zoom(…, order=1)`. Sides are rounded, and may be a pixel less or some more than the plane's.
 */
import type { PlaneSize } from "../filter-pass.ts";

/** Where each row and column of an enlarged plane comes from. */
export interface Enlargement {
  readonly rows: Axis;
  readonly columns: Axis;
}

/** Of each new place the two that it lies between, and how far it is from the first. */
interface Axis {
  readonly count: number;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly along: Float64Array;
}

export const enlargement = ({ height, width }: PlaneSize, factor: number): Enlargement => ({
  rows: axis(height, factor),
  columns: axis(width, factor),
});

export function zoomed(
  plane: ArrayLike<number>,
  size: PlaneSize,
  factor: number,
): PlaneSize & { readonly plane: Float64Array } {
  const larger = enlargement(size, factor);
  const [height, width] = [larger.rows.count, larger.columns.count];
  const result = new Float64Array(height * width);
  addZoomed(plane, size.width, larger, [0, 0], result, { height, width });
  return { plane: result, height, width };
}

/**
 * Adds the part of the enlarged plane that begins at `[top, left]` and has the sum's size, or what there is of it.
 *
 * @param width  of the plane
 */
export function addZoomed(
  plane: ArrayLike<number>,
  width: number,
  { rows, columns }: Enlargement,
  [top, left]: readonly [number, number],
  sum: Float64Array,
  size: PlaneSize,
): void {
  const lines = Math.min(size.height, rows.count - top);
  const places = Math.min(size.width, columns.count - left);
  for (let y = 0; y < lines; y++) {
    const upper = width * rows.first[top + y];
    const lower = width * rows.next[top + y];
    const down = rows.along[top + y];
    for (let x = 0, to = y * size.width, from = left; x < places; x++, to++, from++) {
      const first = columns.first[from];
      const next = columns.next[from];
      const along = columns.along[from];
      const above = plane[upper + first] * (1 - along) + plane[upper + next] * along;
      const below = plane[lower + first] * (1 - along) + plane[lower + next] * along;
      sum[to] += above * (1 - down) + below * down;
    }
  }
}

function axis(length: number, factor: number): Axis {
  const cut = Math.ceil(length / factor);
  const start = Math.floor((length - cut) / 2);
  const count = roundedHalfEven(cut * factor);
  const step = count > 1 ? (cut - 1) / (count - 1) : 0;
  const along = Float64Array.from({ length: count }, (_, place) => Math.min(place * step, cut - 1));
  const first = Int32Array.from(along, (at) => start + Math.floor(at));
  const next = first.map((place) => Math.min(place + 1, start + cut - 1));
  return { count, first, next, along: along.map((at) => at - Math.floor(at)) };
}

/** As Python's `round`. */
function roundedHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

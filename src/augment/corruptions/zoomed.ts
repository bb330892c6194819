/**
 * The middle of a plane [H, W], as large as 1/factor of it, brought to about the plane's size: linearly, corners on corners, as
 * SciPy's `ndimage.zoom(…, order=1)`. Sides are rounded, and may be a pixel less or some more than the plane's.
 */
export function zoomed(
  plane: ArrayLike<number>,
  { height, width }: { readonly height: number; readonly width: number },
  factor: number,
): { readonly plane: Float64Array; readonly height: number; readonly width: number } {
  const rows = axis(height, factor);
  const columns = axis(width, factor);
  const result = new Float64Array(rows.count * columns.count);
  for (let y = 0, to = 0; y < rows.count; y++) {
    const [top, below, down] = [width * rows.first[y], width * rows.next[y], rows.along[y]];
    for (let x = 0; x < columns.count; x++) {
      const left = columns.first[x];
      const right = columns.next[x];
      const along = columns.along[x];
      const upper = plane[top + left] * (1 - along) + plane[top + right] * along;
      const lower = plane[below + left] * (1 - along) + plane[below + right] * along;
      result[to++] = upper * (1 - down) + lower * down;
    }
  }
  return { plane: result, height: rows.count, width: columns.count };
}

/** Of each new place the two that it lies between, and how far it is from the first. */
interface Axis {
  readonly count: number;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly along: Float64Array;
}

export function axis(length: number, factor: number): Axis {
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

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
    const [top, below, down] = rows.between(y);
    for (let x = 0; x < columns.count; x++) {
      const [left, right, along] = columns.between(x);
      const upper = plane[top * width + left] * (1 - along) + plane[top * width + right] * along;
      const lower = plane[below * width + left] * (1 - along) + plane[below * width + right] * along;
      result[to++] = upper * (1 - down) + lower * down;
    }
  }
  return { plane: result, height: rows.count, width: columns.count };
}

function axis(length: number, factor: number) {
  const cut = Math.ceil(length / factor);
  const start = Math.floor((length - cut) / 2);
  const count = roundedHalfEven(cut * factor);
  const step = count > 1 ? (cut - 1) / (count - 1) : 0;
  return {
    count,
    /** The places that a place lies between, and how far it is from the first. */
    between(place: number): readonly [number, number, number] {
      const at = Math.min(place * step, cut - 1);
      const first = Math.floor(at);
      return [start + first, start + Math.min(first + 1, cut - 1), at - first];
    },
  };
}

/** As Python's `round`. */
function roundedHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** What a pass of weighted sums over a plane reads, and with which weights. */

export interface PlaneSize {
  readonly height: number;
  readonly width: number;
}

/** What lies beyond the border: "nearest" a a | a b c, "mirror" c b | a b c, "reflect" b a | a b c. */
export type Border = "nearest" | "mirror" | "reflect";

/**
 * One pass over a plane of one size, which is continued beyond its borders: each pixel becomes the sum of `weights[t]` times the pixel
 * `tapRows[t]` rows below and `tapColumns[t]` columns right of it in the continued plane, in the order of the taps.
 */
export interface Pass {
  /** The row that each row of the continued plane shows. */
  readonly rows: Int32Array;
  /** The same of columns. */
  readonly columns: Int32Array;
  /** Columns of the continued plane before the plane's first. */
  readonly left: number;
  readonly tapRows: Int32Array;
  readonly tapColumns: Int32Array;
  readonly weights: Float64Array;
  /**
   * Places that a weight stands for: its tap; "pairs": tap 0, and for t > 0 the two taps 2t − 1 and 2t, whose pixels are added first;
   * "quarters": the four places so many rows above and below, so many columns to the left and right of each pixel, whose rows are added
   * first (one that is its own mirror image counts twice, on both axes four times).
   */
  readonly kind: "taps" | "pairs" | "quarters";
}

/** The place in a line of `length` that a place beyond its ends shows. */
export function inside(place: number, length: number, border: Border): number {
  if (place >= 0 && place < length) return place;
  if (border === "nearest" || length === 1) return place < 0 ? 0 : length - 1;
  const [period, offset] = border === "mirror" ? [2 * (length - 1), 0] : [2 * length, 1];
  const at = ((place % period) + period) % period;
  return at < length ? at : period - offset - at;
}

const continued = (length: number, reach: number, border: Border): Int32Array =>
  Int32Array.from({ length: length + 2 * reach }, (_, i) => inside(i - reach, length, border));

/** Sums of pixels `down` and `right` of each one, as far as `reach` rows and columns away. */
export function passOf(
  { height, width }: PlaneSize,
  border: Border,
  taps: readonly (readonly [down: number, right: number, weight: number])[],
): Pass {
  const [reachY, reachX] = [0, 1].map((axis) =>
    taps.reduce((most, tap) => Math.max(most, Math.abs(tap[axis])), 0),
  );
  return {
    rows: continued(height, reachY, border),
    columns: continued(width, reachX, border),
    left: reachX,
    tapRows: Int32Array.from(taps, ([down]) => reachY + down),
    tapColumns: Int32Array.from(taps, ([, right]) => reachX + right),
    weights: Float64Array.from(taps, ([, , weight]) => weight),
    kind: "taps",
  };
}

/** A line of weights of odd length, the same on both sides of its middle: pixels at equal distances are added before they are weighed. */
export function evenPass(
  { height, width }: PlaneSize,
  border: Border,
  half: Float64Array,
  axis: "down" | "right",
): Pass {
  const reach = half.length - 1;
  const along = Int32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    i % 2 === 1 ? reach - (i + 1) / 2 : reach + i / 2,
  );
  const none = new Int32Array(along.length);
  return {
    rows: continued(height, axis === "down" ? reach : 0, border),
    columns: continued(width, axis === "right" ? reach : 0, border),
    left: axis === "right" ? reach : 0,
    tapRows: axis === "down" ? along : none,
    tapColumns: axis === "right" ? along : none,
    weights: half,
    kind: "pairs",
  };
}

/** A kernel [side, side] of odd side that is the same upside down and from right to left; taps of 0 cost nothing. */
export function evenKernelPass({ height, width }: PlaneSize, border: Border, kernel: Float64Array): Pass {
  const side = Math.sqrt(kernel.length);
  const reach = (side - 1) / 2;
  const taps: (readonly [down: number, right: number, weight: number])[] = [];
  for (let down = 0; down <= reach; down++) {
    for (let right = 0; right <= reach; right++) {
      const weight = kernel[(reach + down) * side + reach + right];
      const times = (down === 0 ? 2 : 1) * (right === 0 ? 2 : 1);
      if (weight !== 0) taps.push([down, right, weight / times]);
    }
  }
  return {
    rows: continued(height, reach, border),
    columns: continued(width, reach, border),
    left: reach,
    tapRows: Int32Array.from(taps, ([down]) => down),
    tapColumns: Int32Array.from(taps, ([, right]) => right),
    weights: Float64Array.from(taps, ([, , weight]) => weight),
    kind: "quarters",
  };
}

/** What depends on the size of images alone, made once for each. */
export function forSize<T>(make: (size: PlaneSize) => T): (size: PlaneSize) => T {
  const made = new Map<string, T>();
  return ({ height, width }) => {
    const key = `${height}x${width}`;
    let known = made.get(key);
    if (known === undefined) made.set(key, (known = make({ height, width })));
    return known;
  };
}

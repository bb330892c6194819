/** What lies outside an image: black, its outermost pixels, or the image mirrored at the middle of those. */
export const fills = ["zero", "edge", "reflect"] as const;
export type Fill = (typeof fills)[number];

/** The place that mirroring leads to, for any whole place: numpy's and torch's "reflect", … 2 1 0 1 2 …; 0 where `length` is 1. */
export function reflected(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}

/** The place in a line of `length` that any whole place shows; −1 for black. */
export function placeIn(place: number, length: number, fill: Fill): number {
  if (place >= 0 && place < length) return place;
  if (fill === "zero") return -1;
  return fill === "edge" ? (place < 0 ? 0 : length - 1) : reflected(place, length);
}

/** What lies outside an image: black, or the image mirrored at the middle of its outermost pixels. */
export const fills = ["zero", "reflect"] as const;
export type Fill = (typeof fills)[number];

/** The place that mirroring leads to, for any whole place: numpy's and torch's "reflect", … 2 1 0 1 2 …; 0 where `length` is 1. */
export function reflected(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}

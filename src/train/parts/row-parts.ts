/** Rows that go through a part's graph at once. */
export interface RowPart {
  /** Where they stand in the batch. */
  readonly places: readonly number[];
  /** How many the graph takes: where that is more, copies fill it up. */
  readonly rows: number;
}

/** Parts of `most` rows each, the last one filled up, so that one graph does for all. */
export function filledParts(count: number, most: number): readonly RowPart[] {
  return Array.from({ length: Math.ceil(count / most) }, (_, part) => ({
    places: range(part * most, Math.min(count, (part + 1) * most)),
    rows: most,
  }));
}

/**
 * Parts whose rows know of one another: no copies, which would count twice; no last part of few, which say little of the data;
 * and an image beside its views, as in the whole batch. So they have two sizes, which differ by one image.
 *
 * @param count   rows, in blocks: all images, then the chosen view of each, …
 * @param blocks  how many blocks there are
 * @param most    rows of a part, or one image with its views where that is more
 */
export function evenParts(count: number, blocks: number, most: number): readonly RowPart[] {
  const images = count / blocks;
  const parts = Math.ceil(images / Math.max(1, Math.floor(most / blocks)));
  const start = (part: number) => Math.floor((part * images) / parts);
  return Array.from({ length: parts }, (_, part) => {
    const own = range(start(part), start(part + 1));
    const places = range(0, blocks).flatMap((block) => own.map((image) => block * images + image));
    return { places, rows: places.length };
  });
}

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

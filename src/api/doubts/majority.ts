import { wilson } from "../../evaluate/index.ts";

/** What a model would score that always gives the most frequent class. */
export interface Majority {
  /** In [0, 1]. */
  readonly share: number;
  /** The upper end of the 95 % interval of such a score: one above it is better than chance. */
  readonly high: number;
}

/**
 * @param labels  of the images, [N]
 * @returns null for images of one class, where there is nothing to tell apart
 */
export function majorityOf(labels: Int32Array): Majority | null {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size < 2) return null;
  const { value, high } = wilson(Math.max(...counts.values()), labels.length);
  return { share: value, high };
}

/** What is said behind a score that the most frequent class alone might have: one that is not above `high`. */
export const chanceOf = (score: number, { share, high }: Majority): string =>
  score > share
    ? `may be chance: always giving the most frequent class has ${percent(share)}, and up to ${percent(high)} on so few images`
    : `is no better than chance: always giving the most frequent class has ${percent(share)}`;

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

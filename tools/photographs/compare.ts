/** Rows of a record beside one another. */
import { estimate } from "../../src/study/statistics.ts";
import { type Head, type Shift, heads, shifts } from "./plan.ts";
import type { PhotographsRecord, Result } from "./record.ts";

export const scores = ["clean", "robust", "invariance"] as const;
export type Score = (typeof scores)[number];

/** A row's results, a seed each. */
export const of = (record: PhotographsRecord, shift: Shift, head: Head, row: string): Result[] =>
  record.results.filter((each) => each.shift === shift && each.head === head && each.row === row);

/** Differences of a score, by seed. */
export const seedBySeed = (after: readonly Result[], before: readonly Result[], score: Score): number[] =>
  after.map(({ scores: s }, i) => s[score].value - before[i].scores[score].value);

/** A row, and the head that it stands on where that is only one. */
export type Named = string | { readonly row: string; readonly head: Head };

/** What a row has more of a score than another one, in the mean over seeds, under every shift and head that has both. */
export class Gain {
  /** Means over seeds. */
  readonly means: readonly number[];
  readonly #intervals: readonly { readonly low: number; readonly high: number }[];

  constructor(record: PhotographsRecord, row: Named, before: Named, score: Score) {
    const pairs = shifts.flatMap((shift) =>
      heads
        .map((head) => [row, before].map((named) => resultsOf(record, shift, head, named)))
        .filter((each) => each.every((found) => found.length > 0)),
    );
    const found = pairs.map(([after, first]) => estimate(seedBySeed(after, first, score)));
    this.means = found.map(({ mean }) => mean);
    this.#intervals = found.map(({ mean, interval }) => interval ?? { low: mean, high: mean });
  }

  /** "+0.3 to +2.0" points */
  get range(): string {
    const [least, most] = [Math.min(...this.means), Math.max(...this.means)].map(signed);
    return least === most ? least : `${least} to ${most}`;
  }

  get count(): number {
    return this.means.length;
  }

  /** In how many of them the interval over seeds is above 0, … */
  get above(): number {
    return this.#intervals.filter(({ low }) => low > 0).length;
  }

  /** … and below it. */
  get below(): number {
    return this.#intervals.filter(({ high }) => high < 0).length;
  }

  /** "clear in 5 of 6" */
  get clear(): string {
    const less = this.below > 0 ? `, clearly less in ${this.below}` : "";
    return `clear in ${this.above}${less} of ${this.count}`;
  }
}

function resultsOf(record: PhotographsRecord, shift: Shift, head: Head, named: Named): Result[] {
  if (typeof named === "string") return of(record, shift, head, named);
  return head === "linear" ? of(record, shift, named.head, named.row) : [];
}

export const average = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;
export const percent = (share: number): string => (100 * share).toFixed(1);
export const signed = (share: number): string =>
  `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`.replace(/^−0\.0$/, "+0.0");

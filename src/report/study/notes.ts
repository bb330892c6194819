import { remains, significance, survivesCorrection } from "./printed.ts";
import { type StudySummary, scoreNames } from "./record.ts";

/**
 * How to read a study's tables, and what they do not show: sentences that belong under every printed form.
 *
 * @param bestMark  how the format marks the best, e.g. `by *`
 */
export function readingNotes({ families, seeds, baseline }: StudySummary, bestMark: string): string[] {
  const differences = families
    .flatMap(({ columns }) => columns)
    .flatMap(({ scores }) => (scores === null ? [] : scoreNames.map((name) => scores[name].difference)))
    .filter((difference) => difference !== null);
  const tested = differences.filter(({ pValue }) => pValue !== null);
  const notes = [
    `Scores in percent, on the test set: ${spread(seeds)}. The greatest mean is marked ${bestMark}, with all ` +
      "that print the same digits; it need not differ reliably from the next.",
    `Below a score: its difference to ${baseline.label} at the same seed, averaged over the seeds that both have, ` +
      `in percentage points${tested.length > 0 ? ", with its 95 % Student-t interval" : ""}.`,
  ];
  if (tested.length === 0) {
    notes.push(
      "No difference has an interval: that takes two seeds or more whose differences vary. " +
        "These numbers cannot tell a method's effect from chance.",
    );
  } else {
    const excludeZero = tested.filter(({ pValue }) => pValue! <= significance).length;
    const remaining = tested.filter(survivesCorrection).length;
    notes.push(
      `Each of the ${tested.length} intervals stands for its own comparison. Were there no differences at all, ` +
        `about ${(tested.length * significance).toFixed(1)} would be expected to exclude zero by chance (here: ` +
        `${excludeZero}). ${remains} marks those that remain at 5 % after Holm's correction over all ` +
        `${tested.length} (here: ${remaining}).`,
      `An interval over ${seeds.length} seeds has ${seeds.length - 1} degree${seeds.length === 2 ? "" : "s"} of ` +
        "freedom and takes the differences as normally distributed, which so few cannot show. One that holds " +
        "zero says that little is known, not that two methods are equal.",
    );
    if (tested.length < differences.length) {
      notes.push("A difference without an interval is over one seed, or the same at every seed.");
    }
  }
  notes.push(
    "Seeds repeat the training only. The images, their split and λ are the same throughout, and no interval " +
      "covers their choice.",
  );
  return notes;
}

const spread = (seeds: readonly number[]): string =>
  seeds.length === 1
    ? `of one run (seed ${seeds[0]})`
    : `mean ± sample standard deviation over seeds ${seeds.join(", ")}`;

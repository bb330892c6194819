import {
  type ColumnSummary,
  type Difference,
  type FamilySummary,
  type ScoreName,
  scoreNames,
} from "./record.ts";

/** A family's table as strings, before a format lays it out. Uses ±, −, †, λ and –. */
export interface PrintedFamily {
  readonly rows: readonly PrintedRow[];
  /** Referred to by number, from 1. */
  readonly footnotes: readonly string[];
}

export interface PrintedRow {
  readonly label: string;
  /** `λ 0.1`; null for a method without one. */
  readonly lambda: string | null;
  /** Number of the footnote that says what is missing; null when nothing is. */
  readonly footnote: number | null;
  /** In the order of `scoreNames`. */
  readonly cells: readonly PrintedCell[];
}

export interface PrintedCell {
  /** `97.93 ± 0.08`, in percent. */
  readonly score: string;
  readonly isBest: boolean;
  /** `+1.23 [−0.34, +2.80]`, in percentage points. */
  readonly difference: string;
}

/** Stands where there is no number; a footnote of the row says why. */
export const absent = "–";

/** Marks a difference that remains after the correction for all comparisons. */
export const remains = "†";

/** The level of the intervals' tests. */
export const significance = 0.05;

/** Two decimals: of 10,000 test images one is 0.01 %. */
const percent = (fraction: number): string => (100 * fraction).toFixed(2);

export function printFamily(family: FamilySummary, baseline: string): PrintedFamily {
  const footnotes: string[] = [];
  const numberOf = (text: string) => {
    if (!footnotes.includes(text)) footnotes.push(text);
    return footnotes.indexOf(text) + 1;
  };
  const rows = family.columns.map((column) => ({
    label: column.label,
    lambda: column.regularizer === null ? null : `λ ${column.lambda ?? absent}`,
    footnote: column.missing.length === 0 ? null : numberOf(column.missing.join("; ")),
    cells: scoreNames.map((name) => printCell(column, name, bestColumns(family, name), baseline)),
  }));
  return { rows, footnotes };
}

/** Ids of the columns with the greatest mean, as printed: what prints the same is the same. */
export function bestColumns(family: FamilySummary, name: ScoreName): ReadonlySet<string> {
  const scored = family.columns.filter(({ scores }) => scores !== null);
  const printed = scored.map(({ scores }) => Number(percent(scores![name].mean)));
  const best = Math.max(...printed);
  return new Set(scored.filter((_, i) => printed[i] === best).map(({ column }) => column));
}

/** Whether a difference remains at `significance` after the correction for all comparisons. */
export const survivesCorrection = ({ holmPValue }: Difference): boolean =>
  holmPValue !== null && holmPValue <= significance;

function printCell(
  { column, scores }: ColumnSummary,
  name: ScoreName,
  best: ReadonlySet<string>,
  baseline: string,
): PrintedCell {
  if (scores === null) return { score: absent, isBest: false, difference: absent };
  const { mean, standardDeviation, difference } = scores[name];
  const spread = standardDeviation === null ? "" : ` ± ${percent(standardDeviation)}`;
  return {
    score: percent(mean) + spread,
    isBest: best.has(column),
    difference: column === baseline ? "baseline" : difference === null ? absent : printDifference(difference),
  };
}

function printDifference(difference: Difference): string {
  const { mean, interval } = difference;
  const range = interval === null ? "" : ` [${signed(interval.low)}, ${signed(interval.high)}]`;
  return signed(mean) + range + (survivesCorrection(difference) ? ` ${remains}` : "");
}

/** `+1.23`, `−0.40`, `0.00`. */
function signed(fraction: number): string {
  const digits = percent(Math.abs(fraction));
  if (Number(digits) === 0) return digits;
  return (fraction < 0 ? "−" : "+") + digits;
}

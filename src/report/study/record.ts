/** A study's results over its seeds: what its tables and figures show. Plain data; scores are fractions in [0, 1]. */
export interface StudySummary {
  readonly name: string;
  /** The column that differences are taken against. */
  readonly baseline: { readonly column: string; readonly label: string };
  readonly seeds: readonly number[];
  readonly families: readonly FamilySummary[];
}

/** One table: the transform family that models were trained for and tested under. */
export interface FamilySummary {
  readonly family: string;
  /** In the study's order; none is left out. */
  readonly columns: readonly ColumnSummary[];
}

/** A method with its regularizer: a column of the paper's table, a row of ours. */
export interface ColumnSummary {
  readonly column: string;
  readonly label: string;
  readonly method: string;
  readonly regularizer: string | null;
  readonly lambda: number | null;
  /** Number of seeds that have scores: 0 when the cell is missing. */
  readonly seeds: number;
  /** What is missing here and why, e.g. `2 of 3 seeds: seed 2 failed (out of memory)`; empty when nothing is. */
  readonly missing: readonly string[];
  /** Null when no seed has scores. */
  readonly scores: Readonly<Record<ScoreName, ScoreSummary>> | null;
}

export interface ScoreSummary {
  readonly mean: number;
  /** With n − 1; null for one seed. */
  readonly standardDeviation: number | null;
  /** This column minus the baseline at the same seeds; null for the baseline and without a seed in common. */
  readonly difference: Difference | null;
}

export interface Difference {
  readonly mean: number;
  readonly standardDeviation: number | null;
  /** Number of seeds it is over. */
  readonly count: number;
  /** 95 %, of this difference alone; null where the spread is unknown. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Two-sided; null where `interval` is. */
  readonly pValue: number | null;
  /** After Holm's correction over all differences of the summary. */
  readonly holmPValue: number | null;
}

export type ScoreName = "cleanAccuracy" | "robustAccuracy" | "invarianceScore";

/** The scores in the order of the tables, each with its heading. */
export const scoreTitles: Readonly<Record<ScoreName, string>> = {
  cleanAccuracy: "clean",
  robustAccuracy: "robust",
  invarianceScore: "invariance",
};

export const scoreNames = Object.keys(scoreTitles) as readonly ScoreName[];

import type { Scores } from "../evaluate/index.ts";

/** What a study found: plain data, from which statistics and tables are made. */
export interface StudyResult {
  readonly name: string;
  /**
   * Names of the transform families, in the study's order: one table (or group of rows) each; behind each those that its runs
   * are tested under besides, as in "contrast-tested-under-corruptions-cifar".
   */
  readonly families: readonly string[];
  /** In the paper's order: base, va, rva by regularizer, vwa, rwa by regularizer. */
  readonly columns: readonly Column[];
  /** Id of the column that paired differences are taken against. */
  readonly baseline: string;
  readonly seeds: readonly number[];
  /** One for each family and column, families outermost; none is left out. */
  readonly cells: readonly CellResult[];
}

/** A training method with its regularizer: one column of the paper's table. */
export interface Column {
  /** As in "vwa" or "rwa-squaredL2". */
  readonly id: string;
  readonly method: string;
  readonly regularizer: string | null;
  /** Short heading, with the regularizer's letter: "VWA", "RWA S". */
  readonly label: string;
}

/** A column trained for one family and tested under it, or under another. `base` is trained once and tested under each. */
export interface CellResult {
  readonly family: string;
  /** Id of the {@link Column}. */
  readonly column: string;
  /** λ, chosen on the validation part; null for methods without one, and when no candidate could be chosen. */
  readonly lambda: number | null;
  /** One for each seed, in the order of {@link StudyResult.seeds}. */
  readonly runs: readonly CellRun[];
}

export interface CellRun {
  readonly seed: number;
  /** Scores on the test set; null for a run that failed or has not ended. */
  readonly scores: Scores | null;
  /** Why it failed; null for a run that ended well, and for one that is still to come. */
  readonly error: string | null;
}

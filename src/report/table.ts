import { methodLabel, percent, seconds } from "./format.ts";
import { terminalTable } from "./terminal-table.ts";
import type { MethodResult, ScoreInterval } from "./record.ts";

/** The results as one table for a terminal: a row per method; scores in percent with their 95 % intervals. */
export function renderTable(results: readonly MethodResult[]): string {
  // Intervals below their values, regularizers below their methods: the table then fits 80 columns.
  const score = ({ value, low, high }: ScoreInterval) => [percent(value), `${percent(low)}–${percent(high)}`];
  const rows = results.map((result) => [
    methodLabel(result).split(" + "),
    score(result.cleanAccuracy),
    score(result.robustAccuracy),
    score(result.invarianceScore),
    seconds(result.trainSeconds),
    seconds(result.testSeconds),
  ]);
  const head = ["method", "clean %", "robust %", "invariance %", "train s", "test s"];
  return terminalTable(head, rows, { numbersFrom: 1 });
}

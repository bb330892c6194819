import Table from "cli-table3";
import { methodLabel, percent, seconds } from "./format.ts";
import type { MethodResult, ScoreInterval } from "./record.ts";

/** The results as one table for a terminal: a row per method; scores in percent with their 95 % intervals. */
export function renderTable(results: readonly MethodResult[]): string {
  const table = new Table({
    head: ["method", "clean %", "robust %", "invariance %", "train s", "test s"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  // Intervals below their values, regularizers below their methods: the table then fits 80 columns.
  const score = (interval: ScoreInterval) =>
    `${percent(interval.value)}\n${percent(interval.low)}–${percent(interval.high)}`;
  for (const result of results) {
    table.push([
      methodLabel(result).replace(" + ", "\n"),
      score(result.cleanAccuracy),
      score(result.robustAccuracy),
      score(result.invarianceScore),
      seconds(result.trainSeconds),
      seconds(result.testSeconds),
    ]);
  }
  return table.toString();
}

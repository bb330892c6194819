import Table from "cli-table3";
import type { Row } from "./record.ts";

/** The rows of one workload for the terminal. */
export function printedTable(rows: readonly Row[]): string {
  const table = new Table({
    head: [rows[0].workload, `median ${rows[0].unit}`, "min", "n", "alignreg is … times better"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { contender, median, min, n, ratio } of rows) {
    table.push([contender, short(median), short(min), n, ratio === null ? "" : short(ratio)]);
  }
  return table.toString();
}

/** Three digits or more. */
export function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

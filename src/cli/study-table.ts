import Table from "cli-table3";
import type { OverviewRow } from "../study/index.ts";
import { count } from "./format.ts";

/** How far a study is, by family; runs of `base` serve all of them. */
export function overviewTable(rows: readonly OverviewRow[], total: OverviewRow): string {
  const table = new Table({
    head: ["family", "done", "running", "failed", "left", "of"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const push = (name: string, row: OverviewRow) =>
    table.push([name, ...[row.done, row.running, row.failed, row.left, row.total].map(count)]);
  for (const row of rows) push(row.family ?? "(for all)", row);
  push("total", total);
  return table.toString();
}

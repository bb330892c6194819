import { terminalTable } from "../report/index.ts";
import type { OverviewRow } from "../study/index.ts";
import { count } from "./format.ts";

/** How far a study is, by family; runs of `base` serve all of them. */
export function overviewTable(rows: readonly OverviewRow[], total: OverviewRow): string {
  const line = (name: string, { done, running, failed, left, total }: OverviewRow) => [
    name,
    ...[done, running, failed, left, total].map(count),
  ];
  return terminalTable(
    ["family", "done", "running", "failed", "left", "of"],
    [...rows.map((row) => line(row.family ?? "(for all)", row)), line("total", total)],
    { numbersFrom: 1 },
  );
}

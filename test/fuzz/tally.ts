import Table from "cli-table3";
import { type Outcome, megabytes } from "./pool.ts";

interface Row {
  cases: number;
  /** Every stage of the road gave a result. */
  results: number;
  named: number;
  failures: number;
  seconds: number;
  slowest: number;
  peak: number;
}

/** What became of the cases of each kind. */
export class Tally {
  readonly #rows = new Map<string, Row>();

  add(kind: string, { walk, failure, seconds, peak }: Outcome): void {
    const row = this.#rows.get(kind) ?? {
      cases: 0,
      results: 0,
      named: 0,
      failures: 0,
      seconds: 0,
      slowest: 0,
      peak: 0,
    };
    this.#rows.set(kind, row);
    row.cases++;
    const stages = Object.values(walk);
    if (failure !== null) row.failures++;
    else if (stages.length > 0 && stages.every((word) => word === "result")) row.results++;
    else row.named++;
    row.seconds += seconds;
    row.slowest = Math.max(row.slowest, seconds);
    row.peak = Math.max(row.peak, peak);
  }

  table(): string {
    const head = ["kind", "cases", "results", "named errors", "failures", "CPU s", "slowest s", "peak MB"];
    const table = new Table({ head, style: { head: [], border: [], compact: true } });
    for (const [kind, row] of this.#rows) {
      table.push([
        kind,
        ...[row.cases, row.results, row.named, row.failures].map(String),
        row.seconds.toFixed(1),
        row.slowest.toFixed(1),
        String(megabytes(row.peak)),
      ]);
    }
    return table.toString();
  }
}

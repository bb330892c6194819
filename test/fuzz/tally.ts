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
  /** By stage: how many cases came to it, and of how many it gave a result. */
  readonly stages: Map<string, { tried: number; passed: number }>;
}

/** What became of the cases of each kind. */
export class Tally {
  readonly #rows = new Map<string, Row>();

  add(kind: string, { walk, failure, seconds, peak }: Outcome): void {
    const row: Row = this.#rows.get(kind) ?? {
      cases: 0,
      results: 0,
      named: 0,
      failures: 0,
      seconds: 0,
      slowest: 0,
      peak: 0,
      stages: new Map(),
    };
    this.#rows.set(kind, row);
    row.cases++;
    const stages = Object.values(walk);
    if (failure !== null) row.failures++;
    else if (stages.length > 0 && stages.every((word) => word === "result")) row.results++;
    else row.named++;
    for (const [name, word] of Object.entries(walk)) {
      const stage = row.stages.get(name) ?? { tried: 0, passed: 0 };
      row.stages.set(name, stage);
      stage.tried++;
      if (word === "result") stage.passed++;
    }
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

  /** How far the cases of each kind came: a suite whose cases end at the first stage tries nothing. */
  stages(): string {
    const head = ["kind", "stage", "tried", "results", "share"];
    const table = new Table({ head, style: { head: [], border: [], compact: true } });
    for (const [kind, { stages, cases }] of this.#rows) {
      for (const [name, { tried, passed }] of stages) {
        table.push([kind, name, String(tried), String(passed), `${Math.round((100 * passed) / cases)} %`]);
      }
    }
    return table.toString();
  }
}

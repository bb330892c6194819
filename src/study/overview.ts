import { scoresName } from "./cell-folder.ts";
import type { Arm } from "./plan.ts";
import { type StudyState, lambdaOf } from "./state.ts";

/** A training (with its validation) or a test: what progress is counted in. */
export interface Unit {
  /** The family's name; null for runs that every family shares. */
  readonly family: string | null;
  readonly kind: "training" | "test";
  /** What takes equally long shares this key. */
  readonly arm: string;
  readonly method: string;
  readonly status: "done" | "running" | "failed" | "left";
}

/** Counts of one family; of shared runs where `family` is null. */
export interface OverviewRow {
  readonly family: string | null;
  readonly total: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
  readonly left: number;
}

/** Everything that the study consists of. How much that is does not depend on what is chosen. */
export function unitsOf(plan: readonly Arm[], state: StudyState, running: ReadonlySet<string>): Unit[] {
  const shared = new Set<string>();
  const tested = new Set<string>();
  return plan.flatMap((arm) => {
    const units: Unit[] = [];
    const add = (kind: Unit["kind"], family: string | null, status: Unit["status"]) =>
      units.push({ family, kind, arm: arm.key, method: arm.column.method, status });
    const statusOf = (id: string, isDone: boolean): Unit["status"] => {
      if (isDone) return "done";
      if (running.has(id)) return "running";
      return state.givenUp.has(id) ? "failed" : "left";
    };
    const validation = scoresName("validation", arm.family);
    const searched = new Set<string>();
    for (const { id } of arm.candidates.flatMap(({ cells }) => cells)) {
      searched.add(id);
      add("training", arm.family, statusOf(id, state.cells.get(id)?.scores.has(validation) ?? false));
    }
    const lambda = lambdaOf(arm, state);
    // Before the choice any value stands for it; after one that came to nothing, no run can follow.
    const isHopeless = lambda === undefined && state.choices.has(arm.key);
    for (const { id, config } of arm.cellsAt(lambda ?? arm.candidates[0]?.lambda ?? null)) {
      const known = lambda === undefined ? undefined : state.cells.get(id);
      const open = (isDone: boolean) =>
        isHopeless ? "failed" : lambda === undefined ? "left" : statusOf(id, isDone);
      const isShared = config.family === null;
      if (!searched.has(id) && !shared.has(id)) {
        add("training", isShared ? null : arm.family, open(known?.isTrained ?? false));
      }
      if (isShared) shared.add(id);
      for (const { family } of arm.tests) {
        const scores = scoresName("test", family);
        // A run that serves every family is tested under each family once.
        if (tested.size === tested.add(`${id} ${scores}`).size) continue;
        add("test", arm.family, open(known?.scores.has(scores) ?? false));
      }
    }
    return units;
  });
}

/** Counts by family, shared runs last, where there are any. */
export function overviewRows(units: readonly Unit[]): OverviewRow[] {
  const families = [...new Set(units.map(({ family }) => family))].filter((family) => family !== null);
  const rows = [...families, null].map((family) =>
    countUnits(
      units.filter((unit) => unit.family === family),
      family,
    ),
  );
  return rows.filter(({ total }) => total > 0);
}

export function countUnits(units: readonly Unit[], family: string | null): OverviewRow {
  const count = (status: Unit["status"]) => units.filter((unit) => unit.status === status).length;
  return {
    family,
    total: units.length,
    done: count("done"),
    running: count("running"),
    failed: count("failed"),
    left: count("left"),
  };
}

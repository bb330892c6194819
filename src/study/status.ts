import { cellTitle } from "./cell.ts";
import { loadState } from "./load-state.ts";
import { type OverviewRow, countUnits, overviewRows, unitsOf } from "./overview.ts";
import { type Arm, planOf } from "./plan.ts";
import { type StudyState, lambdaOf } from "./state.ts";
import type { StudyFolder } from "./study-folder.ts";

/** How far a study is, as its folder tells. */
export interface StudyStatus {
  readonly name: string;
  /** Whether a process is at work on it. */
  readonly isRunning: boolean;
  readonly rows: readonly OverviewRow[];
  readonly total: OverviewRow;
  /** As the process at work estimates it; null when there is none, or it cannot say yet. */
  readonly secondsLeft: number | null;
  readonly running: readonly CellLine[];
  readonly failures: readonly (CellLine & { readonly message: string; readonly attempts: number })[];
  /** Files that are damaged, a sentence each; they count as not there. */
  readonly damage: readonly string[];
}

/** A cell to be shown. */
export interface CellLine {
  readonly id: string;
  readonly title: string;
}

export function studyStatus(folder: StudyFolder): StudyStatus {
  const { study } = folder.placed();
  const damage = new Set<string>();
  const plan = planOf(study);
  const state = loadState(plan, folder, study, (note) => damage.add(note));
  const work = folder.running();
  const running = work?.cells ?? [];
  const units = unitsOf(plan, state, new Set(running));
  const titles = cellTitles(plan, state);
  return {
    name: study.name,
    isRunning: work !== null,
    rows: overviewRows(units),
    total: countUnits(units, null),
    secondsLeft: work?.secondsLeft ?? null,
    running: running.map((id) => ({ id, title: titles.get(id) ?? id })),
    failures: [...state.cells].flatMap(([id, { failure }]) =>
      failure === null || running.includes(id)
        ? []
        : { id, title: titles.get(id) ?? id, message: failure.message, attempts: failure.attempt },
    ),
    damage: [...damage],
  };
}

function cellTitles(plan: readonly Arm[], state: StudyState): Map<string, string> {
  const titles = new Map<string, string>();
  for (const arm of plan) {
    const cells = [
      ...arm.candidates.flatMap((candidate) => candidate.cells),
      ...arm.cellsAt(lambdaOf(arm, state) ?? null),
    ];
    for (const cell of cells)
      titles.set(cell.id, cellTitle(cell, cell.config.family === null ? null : arm.family));
  }
  return titles;
}

import type { Cell } from "./cell.ts";
import { type Part, scoresName } from "./cell-folder.ts";
import type { Arm } from "./plan.ts";
import { type StudyState, isChosen, lambdaOf } from "./state.ts";

/** What one process is to do: train a cell, unless that is done, and score it. */
export interface WorkItem {
  readonly cell: Cell;
  /** The arms that the cell serves; several for `base`. */
  readonly arms: readonly Arm[];
  readonly evaluations: readonly { readonly part: Part; readonly family: string }[];
}

/**
 * The work that can be done now, what others wait for first: candidates for λ, then the other runs. Test scores are
 * asked for only when every λ is chosen; until then those runs are trained alone.
 */
export function openWork(plan: readonly Arm[], state: StudyState): WorkItem[] {
  const items = new Map<string, WorkItem>();
  const want = (cell: Cell, arm: Arm, part: Part | null) => {
    const known = state.cells.get(cell.id);
    const families = part === "test" ? arm.tests.map(({ family }) => family) : [arm.family];
    const item = items.get(cell.id) ?? { cell, arms: [], evaluations: [] };
    const isAsked = (family: string) =>
      item.evaluations.some((other) => other.part === part && other.family === family);
    const evaluations =
      part === null
        ? []
        : families
            .filter((family) => !known?.scores.has(scoresName(part, family)) && !isAsked(family))
            .map((family) => ({ part, family }));
    if (state.givenUp.has(cell.id) || (known?.isTrained && evaluations.length === 0)) return;
    items.set(cell.id, {
      cell,
      arms: [...item.arms, arm],
      evaluations: [...item.evaluations, ...evaluations],
    });
  };
  for (const arm of plan) {
    for (const { cells } of arm.candidates) for (const cell of cells) want(cell, arm, "validation");
  }
  const part = isChosen(plan, state) ? "test" : null;
  for (const arm of plan) {
    const lambda = lambdaOf(arm, state);
    if (lambda === undefined) continue;
    for (const cell of arm.cellsAt(lambda)) want(cell, arm, part);
  }
  return [...items.values()];
}

import { DamagedFileError } from "../artifacts/index.ts";
import type { OnNote } from "../tensor/index.ts";
import type { Arm } from "./plan.ts";
import { type Choice, type StudyState, settledChoice } from "./state.ts";
import type { Study } from "./study.ts";
import type { StudyFolder } from "./study-folder.ts";

/**
 * How far a study is by its folder alone; cells that failed last are given up.
 *
 * @param onNote  hears of what is damaged; it counts as not there
 */
export function loadState(
  plan: readonly Arm[],
  folder: StudyFolder,
  { lambda }: Study,
  onNote: OnNote,
): StudyState {
  const choices = new Map<string, Choice>();
  const searched = plan.flatMap((arm) => arm.candidates.flatMap(({ cells }) => cells.map(({ id }) => id)));
  const candidates = folder.readCells(new Set(searched));
  const failedIn = (cells: StudyState["cells"]) =>
    new Set([...cells].filter(([, { failure }]) => failure !== null).map(([id]) => id));
  try {
    for (const choice of folder.readChoices()) {
      const arm = plan.find(({ family, column }) => family === choice.family && column.id === choice.column);
      // The study may have been edited since: a λ that is no candidate any more is no choice.
      const isKnown =
        choice.lambda === null || arm?.candidates.some(({ lambda: tried }) => tried === choice.lambda);
      if (arm && arm.candidates.length > 0 && isKnown) choices.set(arm.key, choice);
    }
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    onNote(error.message);
    // What was chosen follows from the scores that it was chosen by.
    for (const arm of plan) {
      if (lambda === null || arm.candidates.length === 0) continue;
      const state = { cells: candidates, givenUp: failedIn(candidates), choices };
      const choice = settledChoice(arm, state, lambda);
      if (choice) choices.set(arm.key, choice);
    }
  }
  const others = plan.flatMap((arm) => {
    const cells = arm.cellsAt(choices.get(arm.key)?.lambda ?? arm.fixedLambda);
    return cells.map(({ id }) => id).filter((id) => !candidates.has(id));
  });
  const cells = new Map([...candidates, ...folder.readCells(new Set(others))]);
  for (const { damage } of cells.values()) damage.forEach(onNote);
  return { cells, givenUp: failedIn(cells), choices };
}

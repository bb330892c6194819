import type { Arm } from "./plan.ts";
import type { Choice, StudyState } from "./state.ts";
import type { StudyFolder } from "./study-folder.ts";

/** How far a study is by its folder alone; cells that failed last are given up. */
export function loadState(plan: readonly Arm[], folder: StudyFolder): StudyState {
  const choices = new Map<string, Choice>();
  for (const choice of folder.readChoices()) {
    const arm = plan.find(({ family, column }) => family === choice.family && column.id === choice.column);
    // The study may have been edited since: a λ that is no candidate any more is no choice.
    const isKnown = choice.lambda === null || arm?.candidates.some(({ lambda }) => lambda === choice.lambda);
    if (arm && arm.candidates.length > 0 && isKnown) choices.set(arm.key, choice);
  }
  const ids = plan.flatMap((arm) => [
    ...arm.candidates.flatMap(({ cells }) => cells.map(({ id }) => id)),
    ...arm.cellsAt(choices.get(arm.key)?.lambda ?? arm.fixedLambda).map(({ id }) => id),
  ]);
  const cells = folder.readCells(new Set(ids));
  const failed = [...cells].filter(([, { failure }]) => failure !== null).map(([id]) => id);
  return { cells, givenUp: new Set(failed), choices };
}

import { Notes, type OnNote } from "../tensor/index.ts";
import { scoresName } from "./cell-folder.ts";
import { columnAlone, columnsOf } from "./columns.ts";
import { familyNameOf } from "./family.ts";
import { loadState } from "./load-state.ts";
import { type Arm, type TestFamily, planOf, testsOf } from "./plan.ts";
import type { CellResult, CellRun, StudyResult } from "./result.ts";
import { type StudyState, lambdaOf } from "./state.ts";
import type { StudyFolder } from "./study-folder.ts";

/**
 * The results in a study's folder, finished or not: what is missing is there, without scores.
 *
 * @param onNote  hears of files that are damaged, whose content is missing (default: a line on stderr)
 */
export function collectStudy(folder: StudyFolder, onNote?: OnNote): StudyResult {
  const { study } = folder.placed();
  const notes = new Notes(onNote);
  const plan = planOf(study);
  const state = loadState(plan, folder, study, (note) => notes.add(note));
  const tests = study.families
    .map(familyNameOf)
    .flatMap((trainedWith) => testsOf(study, trainedWith).map((test) => ({ ...test, trainedWith })));
  return {
    name: study.name,
    families: tests.map(({ label }) => label),
    columns: columnsOf(study).map(columnAlone),
    baseline: study.baseline,
    seeds: study.seeds,
    cells: tests.flatMap(({ trainedWith, ...test }) =>
      plan
        .filter(({ family }) => family === trainedWith)
        .map((arm) => cellResult(arm, test, study.seeds, state)),
    ),
  };
}

function cellResult(
  arm: Arm,
  { family, label }: TestFamily,
  seeds: readonly number[],
  state: StudyState,
): CellResult {
  const lambda = lambdaOf(arm, state);
  const result = { family: label, column: arm.column.id, lambda: lambda ?? null };
  if (lambda === undefined) {
    const error = noChoice(arm, state);
    return { ...result, runs: seeds.map((seed) => ({ seed, scores: null, error })) };
  }
  const runs = arm.cellsAt(lambda).map(({ id, config }): CellRun => {
    const known = state.cells.get(id);
    const scores = known?.scores.get(scoresName("test", family)) ?? null;
    const error = known?.failure?.message ?? known?.damage[0] ?? null;
    return { seed: config.seed, scores, error: scores ? null : error };
  });
  return { ...result, runs };
}

/** Why no λ could be chosen; null while one may still be. */
function noChoice(arm: Arm, { choices }: StudyState): string | null {
  const choice = choices.get(arm.key);
  if (choice === undefined) return null;
  const errors = [...new Set(choice.candidates.flatMap(({ error }) => error ?? []))];
  return `No λ could be chosen, as every candidate failed: ${errors.join(" ")}`;
}

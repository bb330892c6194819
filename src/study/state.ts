import { type CellState, scoresName } from "./cell-folder.ts";
import { type Candidate, type ChoiceRule, chooseLambda, meanScores } from "./choose.ts";
import type { Arm } from "./plan.ts";

/** How far a study is: what its cells' folders hold, and what has been chosen. */
export interface StudyState {
  /** By cell id; a cell without a folder is absent. */
  readonly cells: ReadonlyMap<string, CellState>;
  /** Ids of cells that are not tried again in this run. */
  readonly givenUp: ReadonlySet<string>;
  /** By {@link Arm.key}. */
  readonly choices: ReadonlyMap<string, Choice>;
}

/** λ of one arm, with what it was chosen from. */
export interface Choice extends Pick<ChoiceRule, "criterion" | "tolerance"> {
  readonly family: string;
  readonly column: string;
  /** Null when no candidate has scores. */
  readonly lambda: number | null;
  readonly candidates: readonly (Candidate & { readonly error: string | null })[];
}

/** The choice of an arm, once every candidate has its validation scores or is given up; null before. */
export function settledChoice(arm: Arm, { cells, givenUp }: StudyState, rule: ChoiceRule): Choice | null {
  const name = scoresName("validation", arm.family);
  const candidates: Choice["candidates"][number][] = [];
  for (const { lambda, cells: runs } of arm.candidates) {
    const states = runs.map(({ id }) => cells.get(id));
    const scores = states.flatMap((state) => state?.scores.get(name) ?? []);
    if (scores.length === runs.length) {
      candidates.push({ lambda, scores: meanScores(scores), error: null });
      continue;
    }
    const isSettled = runs.every(({ id }, i) => states[i]?.scores.has(name) || givenUp.has(id));
    if (!isSettled) return null;
    const error = states.find((state) => state?.failure)?.failure?.message ?? "failed";
    candidates.push({ lambda, scores: null, error });
  }
  const { criterion, tolerance } = rule;
  const lambda = chooseLambda(candidates, rule);
  return { family: arm.family, column: arm.column.id, criterion, tolerance, lambda, candidates };
}

/** λ of an arm's runs: a number, null where the method has none; undefined while, or because, none is chosen. */
export function lambdaOf(arm: Arm, { choices }: StudyState): number | null | undefined {
  if (arm.candidates.length === 0) return arm.fixedLambda;
  return choices.get(arm.key)?.lambda ?? undefined;
}

/** True when λ is chosen wherever there is one to choose; only then may test images be seen. */
export const isChosen = (plan: readonly Arm[], { choices }: StudyState): boolean =>
  plan.every(({ key, candidates }) => candidates.length === 0 || choices.has(key));

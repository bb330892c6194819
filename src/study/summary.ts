import {
  type ColumnSummary,
  type FamilySummary,
  type ScoreName,
  type ScoreSummary,
  type StudySummary,
  scoreNames,
} from "../report/study/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { CellResult, CellRun, Column, StudyResult } from "./result.ts";
import { type BySeed, estimate, holm, pairedDifference } from "./statistics.ts";

/**
 * Mean and spread of each score over seeds, and the paired difference to a baseline.
 *
 * @param options.baseline  id of a column; default: the study's own
 * @throws UsageError when the study has no such column
 */
export function summarize(
  result: StudyResult,
  { baseline = result.baseline }: { readonly baseline?: string } = {},
): StudySummary {
  const reference = result.columns.find(({ id }) => id === baseline);
  if (reference === undefined) {
    const choices = result.columns.map(({ id }) => id).join(", ");
    throw new UsageError(`The study has no column "${baseline}" to compare with. Choose one of: ${choices}.`);
  }
  const families = result.families.map((family) => ({
    family,
    columns: result.columns.map((column) => summarizeColumn(result, family, column, reference)),
  }));
  return {
    name: result.name,
    baseline: { column: reference.id, label: reference.label },
    seeds: result.seeds,
    families: correctForComparisons(families),
  };
}

function summarizeColumn(
  { cells, seeds }: StudyResult,
  family: string,
  column: Column,
  baseline: Column,
): ColumnSummary {
  const cellOf = (id: string) => cells.find((cell) => cell.family === family && cell.column === id);
  const cell = cellOf(column.id);
  const scored = scoredRuns(cell);
  const baselineScored = scoredRuns(cellOf(baseline.id));
  const isBaseline = column.id === baseline.id;
  const inCommon = scored.filter(({ seed }) => baselineScored.some((run) => run.seed === seed)).length;

  const missing = missingRuns(cell, seeds);
  if (column.regularizer !== null && (cell?.lambda ?? null) === null) missing.push("no λ chosen");
  if (scored.length > 0 && !isBaseline && inCommon < scored.length) {
    missing.push(
      inCommon === 0
        ? `no difference: no seed in common with ${baseline.label}`
        : `difference over the ${count(inCommon, "seed")} in common with ${baseline.label}`,
    );
  }

  const summarizeScore = (name: ScoreName): ScoreSummary => {
    const values = valuesBySeed(scored, name);
    const { mean, standardDeviation } = estimate([...values.values()]);
    const difference = isBaseline ? null : pairedDifference(values, valuesBySeed(baselineScored, name));
    return { mean, standardDeviation, difference: difference && { ...difference, holmPValue: null } };
  };
  return {
    column: column.id,
    label: column.label,
    method: column.method,
    regularizer: column.regularizer,
    lambda: cell?.lambda ?? null,
    seeds: scored.length,
    missing,
    scores: scored.length === 0 ? null : mapScores(summarizeScore),
  };
}

const mapScores = <T>(value: (name: ScoreName) => T): Record<ScoreName, T> => ({
  cleanAccuracy: value("cleanAccuracy"),
  robustAccuracy: value("robustAccuracy"),
  invarianceScore: value("invarianceScore"),
});

type ScoredRun = CellRun & { readonly scores: NonNullable<CellRun["scores"]> };

const scoredRuns = (cell: CellResult | undefined): ScoredRun[] =>
  (cell?.runs ?? []).filter((run): run is ScoredRun => run.scores !== null);

const valuesBySeed = (runs: readonly ScoredRun[], name: ScoreName): BySeed =>
  new Map(runs.map(({ seed, scores }) => [seed, scores[name].value]));

/** `2 of 3 seeds: seed 1 failed (out of memory), seed 2 not run`; nothing when every seed has scores. */
function missingRuns(cell: CellResult | undefined, seeds: readonly number[]): string[] {
  const seedsByReason = new Map<string, number[]>();
  for (const seed of seeds) {
    const run = cell?.runs.find((candidate) => candidate.seed === seed);
    if (run?.scores) continue;
    const [message] = (run?.error ?? "").trim().split("\n");
    const reason = run?.error == null ? "not run" : `failed${message && ` (${message})`}`;
    seedsByReason.set(reason, [...(seedsByReason.get(reason) ?? []), seed]);
  }
  if (seedsByReason.size === 0) return [];
  const lost = [...seedsByReason.values()].flat().length;
  const reasons = [...seedsByReason].map(
    ([reason, of]) => `${of.length === 1 ? "seed" : "seeds"} ${of.join(", ")} ${reason}`,
  );
  return [`${seeds.length - lost} of ${count(seeds.length, "seed")}: ${reasons.join("; ")}`];
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** Holm's correction over every difference of the summary that has a p-value. */
function correctForComparisons(families: readonly FamilySummary[]): FamilySummary[] {
  const tested = families
    .flatMap(({ columns }) => columns)
    .flatMap(({ scores }) => (scores === null ? [] : scoreNames.map((name) => scores[name].difference)))
    .filter((difference) => difference !== null && difference.pValue !== null);
  const corrected = holm(tested.map((difference) => difference!.pValue!));
  const correctedOf = new Map(tested.map((difference, i) => [difference, corrected[i]]));
  const correct = ({ difference, ...score }: ScoreSummary): ScoreSummary => ({
    ...score,
    difference: difference && { ...difference, holmPValue: correctedOf.get(difference) ?? null },
  });
  return families.map(({ family, columns }) => ({
    family,
    columns: columns.map(({ scores, ...column }) => ({
      ...column,
      scores: scores && mapScores((name) => correct(scores[name])),
    })),
  }));
}

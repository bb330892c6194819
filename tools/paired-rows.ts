/**
 * A table over rows that `study collect` keeps apart: training families, or studies, that were tested alike. Each row is
 * RESULTS#FAMILY#COLUMN, as in runs/a/results.json#rotation#rwa-squaredL2; differences to the first one are paired by seed.
 *
 *   npx tsx tools/paired-rows.ts runs/a/results.json#rotation#vwa runs/a/results.json#rotation#rwa-squaredL2
 *
 * Under the common corruptions it has their mean error too, with and without frost, which is made here and copied elsewhere.
 */
import { readFileSync } from "node:fs";
import { markdownTable } from "markdown-table";
import { type Scores, corruptionErrors } from "../src/evaluate/index.ts";
import type { StudyResult } from "../src/study/result.ts";
import { type BySeed, type Estimate, estimate, pairedDifference } from "../src/study/statistics.ts";

type Measure = (scores: Scores) => number | undefined;

const measures: Readonly<Record<string, Measure>> = {
  "clean %": ({ cleanAccuracy }) => cleanAccuracy.value,
  "robust %": ({ robustAccuracy }) => robustAccuracy.value,
  "invariance %": ({ invarianceScore }) => invarianceScore.value,
  "mean error %": meanError,
  "mean error without frost %": ({ members, ...scores }) =>
    meanError({ ...scores, members: members.filter(({ name }) => !name.startsWith("frost")) }),
};

/** Undefined for scores of no corruptions. */
function meanError(scores: Scores): number | undefined {
  return scores.members.some(({ name }) => /^fog severity/.test(name))
    ? corruptionErrors(scores).meanError
    : undefined;
}

/** Scores of a row by seed. */
function scoresOf(row: string): Map<number, Scores> {
  const [path, family, column] = row.split("#");
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as StudyResult;
  const cell = cells.find((each) => each.family === family && each.column === column);
  if (!cell) {
    const rows = cells.map((each) => `${each.family}#${each.column}`).join(", ");
    throw new Error(`${path} has no ${family}#${column}. It has ${rows}.`);
  }
  return new Map(cell.runs.flatMap(({ seed, scores }) => (scores ? [[seed, scores]] : [])));
}

const by = (scores: ReadonlyMap<number, Scores>, measure: Measure): BySeed =>
  new Map([...scores].map(([seed, each]) => [seed, measure(each) ?? NaN]));

const percent = (value: number): string => (100 * value).toFixed(2);
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${percent(Math.abs(value))}`;
const spread = ({ mean, standardDeviation }: Estimate): string =>
  `${percent(mean)} ± ${standardDeviation === null ? "?" : percent(standardDeviation)}`;
const difference = ({ mean, interval }: Estimate): string =>
  interval ? `${signed(mean)} [${signed(interval.low)}, ${signed(interval.high)}]` : signed(mean);

const rows = process.argv.slice(2);
const scores = rows.map(scoresOf);
const shown = Object.entries(measures).filter(
  ([, measure]) => measure([...scores[0].values()][0]) !== undefined,
);
const line = (row: string, i: number): string[] => [
  row.split("#").slice(1).join(" "),
  ...shown.map(([, measure]) => {
    const values = by(scores[i], measure);
    const own = spread(estimate([...values.values()]));
    const paired = i === 0 ? null : pairedDifference(values, by(scores[0], measure));
    return paired ? `${own}<br>${difference(paired)}` : own;
  }),
  String(scores[i].size),
];
console.log(markdownTable([["row", ...shown.map(([name]) => name), "seeds"], ...rows.map(line)]));

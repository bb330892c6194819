/** What `predict` found, as a table, as CSV and as JSON. */
import { stringify } from "csv-stringify/sync";
import type { PictureAnswers, Predictor } from "../api/index.ts";
import type { Prediction } from "../evaluate/index.ts";
import { terminalTable } from "../report/index.ts";
import { csvText } from "../text/index.ts";
import { percent } from "./format.ts";

export interface PredictedFiles extends PictureAnswers {
  readonly files: readonly string[];
  readonly family: Predictor<unknown>["family"];
  readonly notes: readonly string[];
}

interface Answered {
  readonly file: string;
  readonly prediction: Prediction;
}

const answered = ({ files, answers }: PredictedFiles): Answered[] =>
  files.flatMap((file, i) => {
    const answer = answers[i];
    return answer instanceof Error ? [] : [{ file, prediction: answer }];
  });

export function predictionTable(result: PredictedFiles): string {
  const views = result.family ? result.family.members.length - 1 : 0;
  const head = ["picture", "class", "probability", ...(views > 0 ? ["same answer"] : [])];
  const rows = answered(result).map(({ file, prediction: { name, probability, stability } }) => [
    file,
    name,
    `${percent(probability)} %`,
    ...(stability === null ? [] : [`${Math.round(stability * views)} of ${views}`]),
  ]);
  return terminalTable(head, rows, { numbersFrom: 2 });
}

/** RFC 4180 but with plain line feeds; numbers at full precision, NA where there is none. */
export function predictionCsv(result: PredictedFiles): string {
  const rows = answered(result).map(({ file, prediction: { name, probability, stability } }) => ({
    file: csvText(file),
    class: csvText(name),
    probability,
    stability: stability ?? "NA",
  }));
  return stringify(rows, { header: true, columns: ["file", "class", "probability", "stability"] });
}

/** As a program reads it; docs/predict.md shows it. Whoever changes the form gives the next version. */
export function predictionJson(result: PredictedFiles) {
  const { files, answers, model, family, settings, notes } = result;
  return {
    schema: "alignreg-predictions",
    version: 1,
    model,
    images: settings,
    transforms: family && { name: family.name, views: family.members.slice(1).map(({ name }) => name) },
    predictions: answered(result).map(({ file, prediction }) => {
      const { name, classIndex, probability, stability, top } = prediction;
      return { file, name, classIndex, probability, stability, top };
    }),
    unreadable: files.flatMap((file, i) => {
      const answer = answers[i];
      return answer instanceof Error ? [{ file, reason: answer.message }] : [];
    }),
    notes,
  };
}

export { renderStudyChart } from "./chart.ts";
export { renderStudyCsv } from "./csv.ts";
export { renderStudyLatex } from "./latex.ts";
export { renderStudyMarkdown } from "./markdown.ts";
export type {
  ColumnSummary,
  Difference,
  FamilySummary,
  ScoreName,
  ScoreSummary,
  StudySummary,
} from "./record.ts";
export { renderStudyText } from "./text.ts";

export { renderStudyChart } from "./chart.ts";
export { renderStudyCsv } from "./csv.ts";
export { renderStudyLatex } from "./latex.ts";
export { renderStudyMarkdown } from "./markdown.ts";
export {
  type ColumnSummary,
  type Difference,
  type FamilySummary,
  type ScoreName,
  type ScoreSummary,
  type StudySummary,
  scoreNames,
} from "./record.ts";
export { renderStudyText } from "./text.ts";

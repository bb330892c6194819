export { type AccuracyChartOptions, accuracyChart } from "./accuracy-chart.ts";
export { classTable, confusionTable, hardestTables } from "./class-tables.ts";
export { type ContactSheet, contactSheet } from "./contact-sheet.ts";
export { methodLabel } from "./format.ts";
export { renderReport } from "./html.ts";
export {
  type Manifest,
  type MethodResult,
  type Picture,
  type ReportRecord,
  type WorstView,
  manifestSchema,
  methodResultSchema,
  resultsSchema,
} from "./record.ts";
export { renderTable } from "./table.ts";
export { type Cell, terminalTable } from "./terminal-table.ts";
export { renderTestReport } from "./test-html.ts";
export { type TestReport, testRecordSchema } from "./test-record.ts";

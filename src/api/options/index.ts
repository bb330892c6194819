export { evaluateTable } from "./evaluate-table.ts";
export { exportStepTable, stepRates } from "./export-step-table.ts";
export { fitTable } from "./fit-table.ts";
export { loadClassifierTable } from "./load-classifier-table.ts";
export { predictTable } from "./predict-table.ts";
export { saveTable } from "./save-table.ts";
export { exportTable } from "./export-table.ts";

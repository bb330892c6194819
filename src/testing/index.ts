/** Checks of plug-ins, for their authors' tests: `alignreg/testing`. See docs/plug-ins.md. */
export { type CheckFamilyOptions, checkFamily } from "./check-family.ts";
export { type CheckGradientOptions, type GradientCase, checkGradient } from "./check-gradient.ts";
export { type CheckLossOptions, checkLoss } from "./check-loss.ts";
export { type CheckMethodOptions, checkMethod } from "./check-method.ts";
export { type CheckOptimizerOptions, type PlainState, checkOptimizer } from "./check-optimizer.ts";
export type { CheckOptions } from "./check-options.ts";
export { type CheckRegularizerOptions, checkRegularizer } from "./check-regularizer.ts";
export { ConformanceError, type Finding, type PlugInReport } from "./report.ts";

export { type EvaluateOptions, type EvaluationResult, type Testable, evaluate } from "./evaluate.ts";
export type { FitOptions } from "./fit-options.ts";
export { type FitResult, fit } from "./fit.ts";
export { loadFamily } from "./load-family.ts";
export type { Manifest } from "./manifest.ts";
export { mnist } from "./mnist.ts";
export { saveClassifier } from "./save.ts";

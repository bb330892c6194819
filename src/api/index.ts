export { type EvaluateOptions, type EvaluationResult, type Testable, evaluate } from "./evaluate.ts";
export { type FitOptions, type FitResult, fit } from "./fit.ts";
export type { Manifest } from "./manifest.ts";
export { mnist } from "./mnist.ts";
export { saveClassifier } from "./save.ts";

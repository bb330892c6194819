export { type EvaluateOptions, type EvaluationResult, evaluate } from "./evaluate.ts";
export type { FitOptions } from "./fit-options.ts";
export { type FitResult, type Trainee, fit } from "./fit.ts";
export { type LoadClassifierOptions, loadClassifier } from "./load-classifier.ts";
export { loadFamily } from "./load-family.ts";
export type { Manifest } from "./manifest.ts";
export { mnist } from "./mnist.ts";
export type { Testable } from "./open-testable.ts";
export { classifierFile, saveClassifier, saveWeights, weightsFile } from "./save.ts";

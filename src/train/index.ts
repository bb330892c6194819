export { type BatchSource, batchSource, mixtureSource } from "./batch-source.ts";
export { type RunIdentity, readCheckpoint, savedStage } from "./checkpoint.ts";
export { UntrainableModelError, checkModel } from "./check-model.ts";
export { criticPlan } from "./critic-plan.ts";
export { evaluationForm, isTrainingForm } from "./evaluation-form.ts";
export { CheckpointError, DivergedError } from "./errors.ts";
export { evaluationPass } from "./forward-mode.ts";
export { type MemoryPlan } from "./memory/plan-memory.ts";
export { type MetricsLine, metricsLineSchema } from "./metrics.ts";
export { modelInput } from "./model-input.ts";
export { defineOptimizer } from "./define-optimizer.ts";
export type { Optimizer, OptimizerDefinition, UpdateInputs } from "./optimizer.ts";
export {
  type OptimizerName,
  type OptimizerOptions,
  optimizerByName,
  optimizerOf,
  optimizers,
} from "./optimizers/index.ts";
export { layoutOf } from "./parameter-layout.ts";
export { type Schedule, type ScheduleOptions, scheduleOf } from "./schedule.ts";
export { type StepGraph, buildStepGraph } from "./step-graph.ts";
export type { StepPlan } from "./step-plan.ts";
export {
  type TrainingJob,
  type TrainingProgress,
  type TrainingResult,
  type TrainingStage,
  stepsPerEpoch,
  train,
} from "./train.ts";
export {
  type ValidatedEpoch,
  type ValidationPlan,
  type ValidationScores,
  validationScoresSchema,
} from "./validation.ts";

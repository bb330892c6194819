export type { ClassificationLoss } from "./classification-loss.ts";
export { correctCount, crossEntropy } from "./cross-entropy.ts";
export type { Method } from "./method.ts";
export { type MethodName, methodByName, methods } from "./methods/index.ts";
export {
  type Criterion,
  type CriticInputs,
  type ForwardPass,
  type Objective,
  type ObjectiveInputs,
  type ObjectiveTerms,
  alignedRepresentation,
  buildObjective,
} from "./objective.ts";
export type { Critic, CriticParameter } from "./critic.ts";
export type { Regularizer } from "./regularizer.ts";
export {
  type RegularizerName,
  type RegularizerOptions,
  regularizerByName,
  regularizers,
} from "./regularizers/index.ts";
export { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

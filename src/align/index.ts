export type { ClassificationLoss } from "./classification-loss.ts";
export { correctCount, crossEntropy } from "./cross-entropy.ts";
export { defineMethod } from "./define-method.ts";
export { defineRegularizer } from "./define-regularizer.ts";
export type { Method, MethodDefinition, MethodTerms } from "./method.ts";
export { type MethodName, methodByName, methodOf, methods } from "./methods/index.ts";
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
export type { PairsDefinition, PairsRegularizer, Regularizer, RegularizerDefinition } from "./regularizer.ts";
export {
  type RegularizerName,
  type RegularizerOptions,
  regularizerByName,
  regularizerOf,
  regularizers,
} from "./regularizers/index.ts";
export { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

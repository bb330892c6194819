export type { ClassificationLoss } from "./classification-loss.ts";
export { correctCount, crossEntropy } from "./cross-entropy.ts";
export { defineLoss } from "./define-loss.ts";
export { defineMethod } from "./define-method.ts";
export { defineRegularizer } from "./define-regularizer.ts";
export type { Loss, LossDefinition } from "./loss.ts";
export { type LossName, type LossOptions, lossOf, lossOptions, losses } from "./losses/index.ts";
export { type Method, type MethodDefinition, type MethodTerms, isAligned } from "./method.ts";
export { type MethodName, methodByName, methodOf, methods, paperMethods } from "./methods/index.ts";
export {
  type Criterion,
  type CriticInputs,
  type Objective,
  type ObjectiveInputs,
  type ObjectiveTerms,
  buildObjective,
} from "./objective.ts";
export { alignedRepresentation } from "./alignment.ts";
export type { ForwardPass } from "./forward-pass.ts";
export { consistency } from "./consistency.ts";
export { hardestCount } from "./hardest.ts";
export type { Critic, CriticParameter } from "./critic.ts";
export {
  type BatchDefinition,
  type BatchRegularizer,
  type LossesDefinition,
  type LossesRegularizer,
  type PairsDefinition,
  type PairsRegularizer,
  type Regularizer,
  type RegularizerDefinition,
  criticOf,
} from "./regularizer.ts";
export {
  type RegularizerName,
  type RegularizerOptions,
  regularizerByName,
  regularizerOf,
  regularizers,
} from "./regularizers/index.ts";
export { type Selection, cleanAndChosenRows, worstMember } from "./worst-case.ts";

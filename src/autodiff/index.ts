export { backward } from "./backward.ts";
export { channelSum } from "./channel-sum.ts";
export {
  type Gradient,
  type GradientDefinition,
  defineGradient,
  rulesByOperator,
} from "./define-gradient.ts";
export { gradient } from "./gradient.ts";
export { isMaximum } from "./is-maximum.ts";
export type { GradientRule, RuleEntry, RuleNode } from "./rule.ts";
export { gradientRules } from "./rules/index.ts";
export {
  PHASE_MAX,
  SEMANTIC_DOMAIN,
  fromStorage,
  semanticInference,
  stopGradient,
  toStorage,
} from "./semantic-ops.ts";

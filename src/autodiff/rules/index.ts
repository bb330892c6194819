import type { RuleEntry } from "../rule.ts";
import { relu } from "./activation.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { conv } from "./convolution.ts";

/** All gradient rules. To add an operator: one small function beside its kind, one row here, one fixture. */
const rules = {
  Add: { rule: add },
  Conv: { rule: conv },
  Div: { rule: div },
  Mul: { rule: mul },
  Relu: { rule: relu, note: "0 at 0" },
  Sub: { rule: sub },
} satisfies Record<string, RuleEntry>;

/** Gradient rules by operator; those outside ONNX's own domain are keyed `domain.opType`. */
export const gradientRules: ReadonlyMap<string, RuleEntry> = new Map(Object.entries<RuleEntry>(rules));

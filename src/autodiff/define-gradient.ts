import { qualifiedName } from "../onnx/index.ts";
import {
  type Definable,
  type Definition,
  callback,
  checkDefinition,
  definitionRows,
  refuse,
  string,
  tested,
} from "../options/index.ts";
import type { RuleEntry } from "./rule.ts";

/** The gradient rule of an operator. */
export interface Gradient extends Definition<"gradient">, RuleEntry {
  /** As ONNX writes it: "Round". */
  readonly operator: string;
  /** "" for ONNX's own operators. */
  readonly domain: string;
}

/** What `defineGradient` takes: a rule; the domain is ONNX's own unless it is given, the name that of the operator. */
export type GradientDefinition = Pick<Gradient, "operator" | "rule" | "inputs" | "note"> &
  Partial<Pick<Gradient, "domain" | "name">> &
  Omit<Definable<"gradient">, "name">;

const rows = {
  ...definitionRows,
  operator: string({ description: "as ONNX writes it" }),
  domain: tested<string>((value) => typeof value === "string", "a string", {
    description: "of the operator",
    default: "",
  }),
  rule: callback({ description: "from the gradients of its outputs to those of its inputs" }),
  inputs: string({ description: "the differentiable ones, where these are not all" }),
  note: string({ description: "a choice at a kink, or a limit" }),
} as const;

/**
 * The gradient rule of an operator that has none, or another one in the place of ours, as a straight-through Round. A value
 * that `fit` takes in its list `gradients`. Ours are made so.
 *
 * @example
 * const straightThrough = defineGradient({ operator: "Round", rule: (_g, _node, [dy]) => [dy] });
 *
 * @returns the definition with its defaults, frozen
 * @throws UsageError for a member that is missing, unknown or of another kind
 */
export function defineGradient(definition: GradientDefinition): Gradient {
  const { operator, domain = "" } = (definition as Partial<GradientDefinition> | null) ?? {};
  if (typeof operator !== "string") {
    refuse("defineGradient", "definition", definition, "an object with an operator and its rule");
  }
  const named = { name: qualifiedName(domain, operator), ...definition };
  const given = checkDefinition("defineGradient", "gradient", rows, ["operator", "rule"], named);
  return Object.freeze({ domain: "", ...given, defines: "gradient" as const });
}

/** Rules by operator, as `backward` takes a user's own. */
export const rulesByOperator = (gradients: readonly Gradient[]): ReadonlyMap<string, RuleEntry> =>
  new Map(gradients.map((gradient) => [qualifiedName(gradient.domain, gradient.operator), gradient]));

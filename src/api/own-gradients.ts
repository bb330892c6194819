import { type Gradient, type GradientDefinition, defineGradient, gradientRules } from "../autodiff/index.ts";
import { isRecord, refuse } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";

/** A user's rules, whole. @throws UsageError for one that is none, or two for one operator */
export function gradientsOf(given: readonly GradientDefinition[]): Gradient[] {
  const made = given.map((each, i) => {
    if (!isRecord(each)) refuse("fit", `gradients[${i}]`, each, "what defineGradient makes");
    return defineGradient(each);
  });
  const names = made.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return made;
  throw new UsageError(`gradients has two rules for ${twice}. Take one away.`);
}

/** Where a user's rule stands in for one of ours. */
export function replacedRules(gradients: readonly Gradient[]): string[] {
  const ours = gradients.filter(({ name }) => gradientRules.has(name)).map(({ name }) => name);
  return ours.length === 0
    ? []
    : [`Gradients of ${ours.join(", ")} go by the rules that were given, not by ours.`];
}

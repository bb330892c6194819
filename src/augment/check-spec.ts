import { isThenable, refuse } from "../options/index.ts";
import { familyAdvice, isFamily } from "./check-family.ts";

/** @throws UsageError for what is taken for a specification: a family, what makes one, a Promise. `parseSpec` finds the rest */
export function checkSpec(where: string, spec: unknown): void {
  const needed = "a specification of a family";
  if (isFamily(spec)) refuse(where, "spec", spec, needed, "It is a family already: use it as it is.");
  if (typeof spec === "function" || isThenable(spec)) refuse(where, "spec", spec, needed, familyAdvice(spec));
}

import { callback, checkDefinition, choice, definitionRows, string, truth } from "../options/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { Method, MethodDefinition } from "./method.ts";

const rows = {
  ...definitionRows,
  title: string({ description: "in words", otherwise: "the name" }),
  views: choice(["none", "random", "worst-case", "mixes"], {
    description: "what steps see beside the clean images",
  }),
  isRegularized: truth({ description: "whether the regularizer's term is added", default: false }),
  loss: callback({ description: "what a step minimises, in graph nodes" }),
} as const;

/**
 * A training method of one's own: a value that `fit`, `exportStep` and studies take in the place of a name. Ours are made so.
 *
 * @example
 * const alignOnly = defineMethod({
 *   name: "alignOnly",
 *   views: "random",
 *   isRegularized: true,
 *   loss: (g, { cleanLosses, distances, alignmentWeight, mean }) =>
 *     g.add(mean(cleanLosses), g.mul(alignmentWeight, g.mean(distances, [0]))),
 * });
 *
 * @returns the definition with its defaults, frozen: not regularized, the name for a title
 * @throws UsageError for a member that is missing, unknown or of another kind; for a distance from no views
 */
export function defineMethod(definition: MethodDefinition): Method {
  const given = checkDefinition("defineMethod", "method", rows, ["views"], definition);
  const { name, views, isRegularized = false } = given;
  if (isRegularized && views === "none") {
    throw new UsageError(
      `The method "${name}" is regularized and has no views to align. Give views "random" or "worst-case", or leave isRegularized out.`,
    );
  }
  if (isRegularized && views === "mixes") {
    throw new UsageError(
      `The method "${name}" is regularized, and mixtures have a consistency of their own. Leave isRegularized out, or give other views.`,
    );
  }
  return Object.freeze({ title: name, ...given, isRegularized, defines: "method" });
}

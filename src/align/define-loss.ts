import { callback, checkDefinition, definitionRows, string } from "../options/index.ts";
import type { Loss, LossDefinition } from "./loss.ts";

const rows = {
  ...definitionRows,
  title: string({ description: "in words", otherwise: "the name" }),
  perSample: callback({ description: "the loss of each sample, in graph nodes" }),
  reference: callback({ description: "the same in plain numbers, for tests" }),
} as const;

/**
 * A loss of one's own in the place of the cross-entropy, of clean images and views alike; the worst view is chosen by it. A
 * value that `fit`, `exportStep` and studies take in the place of a name. Ours are made so.
 *
 * @example
 * const capped = defineLoss({
 *   name: "capped",
 *   perSample: (g, logits, labels) => g.op1("Min", [crossEntropy(g, logits, labels), g.scalar(3)]),
 * });
 *
 * @returns the definition with its defaults, frozen: the name for a title
 * @throws UsageError for a member that is missing, unknown or of another kind
 */
export function defineLoss(definition: LossDefinition): Loss {
  const given = checkDefinition("defineLoss", "loss", rows, ["perSample"], definition);
  return Object.freeze({ title: given.name, ...given, defines: "loss" as const });
}

import { callback, checkDefinition, definitionRows, number, string, whole } from "../options/index.ts";
import type { Optimizer, OptimizerDefinition } from "./optimizer.ts";

const rows = {
  ...definitionRows,
  title: string({ description: "in words", otherwise: "the name" }),
  stateCount: whole({ description: "tensors that it keeps for each parameter", default: 0 }, 0),
  weightDecay: number({ least: 0 }, { description: "how much it shrinks parameters", default: 0 }),
  scalars: callback({ description: "numbers of each step, by name", otherwise: "learningRate" }),
  update: callback({ description: "a step, in graph nodes" }),
} as const;

/**
 * An update rule of one's own: a value that `fit`, `exportStep` and studies take in the place of a name. Ours are made so.
 *
 * @example
 * const signSgd = defineOptimizer({
 *   name: "signSgd",
 *   update: (g, { parameter, gradient, scalar }) => ({
 *     parameter: g.sub(parameter, g.mul(g.op1("Sign", [gradient]), scalar.learningRate)),
 *     state: [],
 *   }),
 * });
 *
 * @returns the definition with its defaults, frozen: no state, no weight decay, the learning rate as its one scalar
 * @throws UsageError for a member that is missing, unknown or of another kind
 */
export function defineOptimizer(definition: OptimizerDefinition): Optimizer {
  const given = checkDefinition("defineOptimizer", "optimizer", rows, ["update"], definition);
  return Object.freeze({
    title: given.name,
    stateCount: 0,
    weightDecay: 0,
    scalars: (_step: number, learningRate: number) => ({ learningRate }),
    ...given,
    defines: "optimizer" as const,
  });
}

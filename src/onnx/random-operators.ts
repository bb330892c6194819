import type { GraphNode } from "./graph.ts";

const operators = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Bernoulli",
  "Multinomial",
]);

/** Whether a node draws numbers anew each time it runs: noise of a training mode, but for Dropout, which can be turned off. */
export const isRandom = ({ domain, opType }: GraphNode): boolean => domain === "" && operators.has(opType);

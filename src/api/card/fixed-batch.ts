import type { Classifier } from "../../models/index.ts";

/** Images that a graph takes at a time, where it holds to a number; null where it takes any. */
export function fixedBatch({ graph, input }: Pick<Classifier, "graph" | "input">): number | null {
  const batch = graph.inputs.find(({ name }) => name === input)?.shape?.[0];
  return typeof batch === "number" && batch > 0 ? batch : null;
}

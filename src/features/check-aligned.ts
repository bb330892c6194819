import type { Graph } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { readsOf } from "./moving-values.ts";

/**
 * @param aligned  name of the tensor whose distance between views is a part of the loss
 * @param name     what messages call the model
 * @throws UsageError for a tensor that no trained parameter reaches: its distance is what it is, and training would go on
 *         as without it
 */
export function checkAligned(graph: Graph, aligned: string, trained: readonly string[], name: string): void {
  const reached = new Set(trained);
  for (const node of graph.nodes) {
    if (!readsOf(node).some((value) => reached.has(value))) continue;
    for (const output of node.outputs) reached.add(output);
  }
  const isMade = graph.nodes.some(({ outputs }) => outputs.includes(aligned));
  if (reached.has(aligned) || !isMade) return;
  throw new UsageError(
    `align: nothing that trains comes before "${aligned}" in ${name}, so the distance of its views cannot change. Align the ` +
      `logits or a tensor behind what trains, or train more of the model (trainable, --trainable).`,
  );
}

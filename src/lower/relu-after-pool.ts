import type { Graph, GraphNode } from "../onnx/index.ts";
import { isStandard, readersOf } from "./readers.ts";

/**
 * Moves ReLU behind a MaxPool that is its only reader: max commutes with max, the gradients are the same, and ReLU
 * then works on a quarter of the data.
 *
 * @param keep  tensors that somebody reads by name, and that must stay what they are
 */
export function reluAfterPool(graph: Graph, keep: ReadonlySet<string> = new Set()): Graph {
  const named = new Set([...graph.outputs.map((o) => o.name), ...keep]);
  const readers = readersOf(graph);
  const swapped = new Map<GraphNode, GraphNode>();
  for (const relu of graph.nodes) {
    if (!isStandard(relu, "Relu") || named.has(relu.outputs[0])) continue;
    const [pool, ...others] = readers.get(relu.outputs[0]) ?? [];
    if (!pool || !isStandard(pool, "MaxPool") || others.length > 0 || pool.outputs.length > 1) continue;
    // The pool takes ReLU's input and writes ReLU's output name; ReLU then makes what the pool made.
    swapped.set(relu, { ...pool, inputs: relu.inputs, outputs: relu.outputs });
    swapped.set(pool, { ...relu, inputs: relu.outputs, outputs: pool.outputs });
  }
  return { ...graph, nodes: graph.nodes.map((node) => swapped.get(node) ?? node) };
}

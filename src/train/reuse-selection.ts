/**
 * Forward once: the selection pass has already computed every activation of the rows that training then uses, so
 * the training pass takes those rows of them instead of computing them again.
 *
 * It is exact only where rows are independent (row-independence.ts). For LeNet and a family of five it saves two of seven
 * forward passes.
 */
import type { Graph, GraphNode } from "../onnx/index.ts";

/**
 * Replaces the training pass of a step graph by rows of the selection pass.
 *
 * @param rows      name of the indices, int64 [2N], of the selection pass's rows that train
 * @param images    name of the selection pass's input
 * @param prefixes  of the two passes' value names
 */
export function reuseSelectionPass(
  graph: Graph,
  rows: string,
  images: string,
  prefixes: { readonly select: string; readonly train: string },
): Graph {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const perRow = new Set([images]);
  const twinOf = (name: string): string | undefined => {
    const twin = prefixes.select + name.slice(prefixes.train.length);
    return name.startsWith(prefixes.train) && made.has(twin) ? twin : undefined;
  };
  const nodes: GraphNode[] = [];
  const taken = new Set<string>();
  for (const node of graph.nodes) {
    if (node.outputs.some((output) => twinOf(output))) continue;
    if (node.inputs.some((input) => perRow.has(input))) {
      for (const output of node.outputs) perRow.add(output);
    }
    for (const input of node.inputs) {
      const twin = twinOf(input);
      if (!twin || taken.has(input)) continue;
      taken.add(input);
      // A value that no image enters, such as a transposed weight, is the same in both passes.
      nodes.push(
        perRow.has(twin) ? simple("Gather", [twin, rows], input) : simple("Identity", [twin], input),
      );
    }
    nodes.push(node);
  }
  return { ...graph, nodes };
}

const simple = (opType: string, inputs: string[], output: string): GraphNode => ({
  opType,
  domain: "",
  name: "",
  inputs,
  outputs: [output],
  attributes: {},
});

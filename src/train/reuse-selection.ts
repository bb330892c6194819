/**
 * Forward once: the selection pass has already computed every activation of the rows that training then uses, so
 * the training pass takes those rows of them instead of computing them again.
 *
 * It is exact only where a row's activations do not depend on the mode or on the other rows: no batch statistics,
 * no dropout. For LeNet and a family of five it saves two of seven forward passes.
 */
import type { Graph, GraphNode } from "../onnx/index.ts";

/** Operators that map row to row when the images enter by their first input; others might mix rows or change mode. */
const rowwise = new Set(
  ["Conv", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten"].concat([
    "Relu",
    "LeakyRelu",
    "Sigmoid",
    "Tanh",
    "Clip",
    "Identity",
    "Add",
    "Sub",
    "Mul",
    "Div",
  ]),
);

/** Whether each row of every activation is a function of the same row of the images alone, in either mode. */
export function isRowIndependent(graph: Graph, input: string): boolean {
  const dependent = new Set([input]);
  return graph.nodes.every((node) => {
    const readsImages = node.inputs.map((name) => dependent.has(name));
    if (!readsImages.includes(true)) return true;
    for (const output of node.outputs) dependent.add(output);
    const [first, ...others] = readsImages;
    const elementwise = ["Add", "Sub", "Mul", "Div"].includes(node.opType);
    const constants = node.inputs
      .filter((_, i) => !readsImages[i])
      .map((name) => graph.initializers.get(name));
    const keepsRows =
      node.opType === "Flatten"
        ? (node.attributes.axis ?? 1) === 1
        : node.opType === "Gemm"
          ? (node.attributes.transA ?? 0) === 0
          : !elementwise || constants.every((c) => !c || c.shape.length <= 1 || c.shape.length === 3);
    return (
      node.domain === "" &&
      rowwise.has(node.opType) &&
      keepsRows &&
      (elementwise || (first && !others.includes(true)))
    );
  });
}

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
    if (node.outputs.some((o) => o.startsWith(prefixes.select)) && node.inputs.some((i) => perRow.has(i))) {
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

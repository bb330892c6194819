import type { Graph, GraphNode } from "../onnx/index.ts";

/** Where each operator takes parameters, by input index. Running statistics of BatchNormalization are none. */
const parameterInputs: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
};

/** Operators that hand a parameter on, as when an exporter transposes a weight inside the graph. */
const passThrough = new Set(["Identity", "Transpose", "Reshape", "Unsqueeze", "Squeeze"]);

/**
 * Names of the initializers that train: those used as a weight, bias or scale, in the file's order. Constants of the
 * graph, such as the mean and standard deviation it normalises by, do not.
 */
export function trainableNames(graph: Graph): string[] {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  const trainable = new Set<string>();
  const mark = (name: string) => {
    for (let node: GraphNode | undefined; ; name = node.inputs[0]) {
      if (graph.initializers.get(name)?.dtype === "float32") trainable.add(name);
      node = producers.get(name);
      if (!node || !passThrough.has(node.opType)) return;
    }
  };
  for (const node of graph.nodes) {
    for (const index of parameterInputs[node.opType] ?? []) if (node.inputs[index]) mark(node.inputs[index]);
    // A bias that is added to a matrix product on its own, as exporters write linear layers of rank above 2.
    if (node.opType === "Add") {
      const isProduct = node.inputs.map((name) => producers.get(name)?.opType === "MatMul");
      if (isProduct.includes(true)) node.inputs.forEach((name, i) => isProduct[i] || mark(name));
    }
  }
  return [...graph.initializers.keys()].filter((name) => trainable.has(name));
}

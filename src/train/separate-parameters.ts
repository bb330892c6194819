import type { Graph } from "../onnx/index.ts";
import type { Tensor } from "../tensor/index.ts";

/**
 * The graph with a tensor of its own for everything that a step changes on its own.
 *
 * Exporters merge equal initializers, and in an untrained net many are equal: PyTorch lets one layer's bias be an
 * Identity of another's, optimizers let a running mean of zeros and a bias of zeros be one tensor. Trained as they
 * are, layers would be tied that never were. A parameter that layers share by name stays shared.
 */
export function separateParameters(graph: Graph): Graph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const nodes = graph.nodes.filter(({ opType, inputs: [source], outputs: [copy] }) => {
    const value = initializers.get(source);
    if (opType !== "Identity" || !value || outputs.has(copy)) return true;
    initializers.set(copy, value);
    return false;
  });
  const readers = new Map<string, number>();
  for (const name of nodes.flatMap((node) => node.inputs)) readers.set(name, (readers.get(name) ?? 0) + 1);
  return {
    ...graph,
    nodes: nodes.map((node) => {
      if (node.opType !== "BatchNormalization") return node;
      const inputs = node.inputs.map((name, i) => {
        const value = initializers.get(name);
        if (i < 3 || !value || readers.get(name) === 1) return name;
        const own = `${name}:${node.outputs[0]}:${i === 3 ? "mean" : "variance"}`;
        initializers.set(own, value);
        return own;
      });
      return { ...node, inputs };
    }),
    initializers,
  };
}

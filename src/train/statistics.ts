/** The running statistics of BatchNormalization: initializers that steps change without a gradient. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { trainableNames } from "./trainable.ts";

/** Names of the running means and variances that training moves. */
export function bufferNames(graph: Graph, frozen: ReadonlySet<string> = new Set()): string[] {
  const names = normalizations(graph)
    .filter(({ inputs }) => !frozen.has(inputs[4]))
    .flatMap(({ inputs }) => inputs.slice(3, 5));
  return [...new Set(names)].filter((name) => graph.initializers.has(name));
}

/**
 * Running variances of the nodes that keep their statistics: those whose scale and bias could train and do not. With
 * the layers before them frozen too, a frozen layer is then the same function before and after.
 */
export function frozenStatistics(graph: Graph, trained: readonly string[]): Set<string> {
  const isTrained = new Set(trained);
  const isKept = new Set(trainableNames(graph).filter((name) => !isTrained.has(name)));
  return new Set(
    normalizations(graph)
      .filter(({ inputs: [, scale, bias] }) => {
        const affine = [scale, bias];
        return affine.some((name) => isKept.has(name)) && !affine.some((name) => isTrained.has(name));
      })
      .map(({ inputs }) => inputs[4]),
  );
}

const normalizations = (graph: Graph): GraphNode[] =>
  graph.nodes.filter((node) => node.opType === "BatchNormalization");

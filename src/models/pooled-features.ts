/** The row behind a network's global pooling, where an old head of several layers stands between it and the logits. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";
import type { InferredGraph } from "./infer-values.ts";

/** What makes a row of an image's whole map. */
const pooling = new Set([
  "GlobalAveragePool",
  "GlobalMaxPool",
  "ReduceMean",
  "ReduceMax",
  "AveragePool",
  "MaxPool",
]);
const layers = new Set(["Gemm", "MatMul", "Conv"]);

/**
 * What the hidden layers of an old head took, where they narrowed it: they were trained for the old classes, as those of
 * Teachable Machine are. A hidden layer that narrows nothing is a part of the network, as MobileNetV3's is.
 *
 * @param row       what the last linear layer takes
 * @param ofImages  names of values that depend on the images
 * @returns `row` itself where no plain stack of layers leads to it from global pooling
 */
export function beforeOldHead(
  graph: Graph,
  row: string,
  ofImages: ReadonlySet<string>,
  { values }: InferredGraph,
): string {
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const width = (name: string): number => sizeOf((values.get(name)?.shape ?? [0]).slice(1));
  const isGlobal = ({ opType, inputs, outputs }: GraphNode) =>
    pooling.has(opType) && width(outputs[0]) < width(inputs[0]) && width(outputs[0]) === channels(outputs[0]);
  const channels = (name: string) => Math.max(...(values.get(name)?.shape.slice(1) ?? [0]));
  let widest = row;
  for (let node = makers.get(row); node;) {
    if (isGlobal(node)) return widest;
    const taken = node.inputs.filter((input) => ofImages.has(input));
    if (taken.length !== 1) return row;
    if (layers.has(node.opType) && width(taken[0]) > width(widest)) [widest] = taken;
    node = makers.get(taken[0]);
  }
  return row;
}

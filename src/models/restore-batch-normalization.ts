/**
 * BatchNormalization that an exporter wrote out as arithmetic, put together again: Keras with JAX writes
 * y = x·s + (β − μ·s), s = γ/√(σ² + ε), with all four tensors in the file. As arithmetic its statistics would never move.
 */
import { type Graph, type GraphNode, float, prunedGraph } from "../onnx/index.ts";
import { type Tensor, float32 } from "../tensor/index.ts";
import { type BatchNormalizationChain as Chain, ChainReader } from "./batch-normalization-chain.ts";
import type { InferredGraph } from "./infer-values.ts";

/** How much of the running statistics a step keeps: Keras' default. The file does not say. */
export const KERAS_MOMENTUM = 0.99;

/**
 * The graph with a BatchNormalization node in the place of every such chain, and names of their running means.
 *
 * @param inferred  shapes of values; chains of unknown shape stay as they are
 */
export function restoreBatchNormalization(
  graph: Graph,
  { values }: InferredGraph,
): { readonly graph: Graph; readonly restored: readonly string[] } {
  const reader = new ChainReader(graph);
  const places = new Map<string, Chain>();
  const inside = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    const [output] = node.outputs;
    const chain = inside.has(output) ? undefined : reader.chainOf(node);
    const tensors = chain && [chain.scale, chain.bias, chain.mean, chain.variance];
    // A chain of which only a part is kept apart from its inputs would lose that part's meaning.
    if (!chain || !tensors!.every((name) => name === null || isVector(graph, name, chain))) continue;
    if (axisOf(chain, values) === undefined) continue;
    places.set(output, chain);
    for (const name of chain.inner) inside.add(name);
  }
  if (places.size === 0) return { graph, restored: [] };
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node) => {
    const chain = places.get(node.outputs[0]);
    return chain ? written(node, chain, axisOf(chain, values)!, initializers) : [node];
  });
  const targets = [
    ...graph.outputs.map(({ name }) => name),
    // What the file holds beside what its outputs need stays, but for the insides of the chains.
    ...graph.nodes
      .filter((node) => !node.outputs.some((output) => reader.isRead(output)))
      .flatMap(({ outputs }) => outputs.filter((output) => output !== "")),
  ];
  const pruned = prunedGraph({ ...graph, nodes, initializers }, targets);
  return {
    graph: { ...pruned, outputs: graph.outputs },
    restored: [...places.values()].map(({ mean }) => mean).reverse(),
  };
}

/** Whether an initializer is [C], C as of the mean. */
const isVector = ({ initializers }: Graph, name: string, { mean }: Chain): boolean => {
  const [tensor, other] = [initializers.get(name), initializers.get(mean)];
  return tensor?.dtype === "float32" && tensor.shape.length === 1 && tensor.shape[0] === other?.shape[0];
};

/** The axis of x that the factor [C] or [1, …, C, 1, …] is of, and the rank of x. */
function axisOf(
  { x, factor }: Chain,
  values: InferredGraph["values"],
): { axis: number; rank: number } | undefined {
  const [rank, own] = [values.get(x)?.shape.length, values.get(factor)?.shape];
  if (rank === undefined || own === undefined || rank < 2) return undefined;
  const long = own.flatMap((length, i) => (length > 1 ? [i] : []));
  // Of a single channel the axis does not show: it is the last, as Keras has it.
  if (long.length > 1) return undefined;
  const axis = rank - own.length + (long[0] ?? own.length - 1);
  return axis > 0 ? { axis, rank } : undefined;
}

/** The node, between two transpositions where the channels are not the second axis. */
function written(
  { name, outputs: [output] }: GraphNode,
  { x, scale, bias, mean, variance, epsilon }: Chain,
  { axis, rank }: { axis: number; rank: number },
  initializers: Map<string, Tensor>,
): GraphNode[] {
  const channels = initializers.get(mean)!.shape[0];
  const fixed = (role: string, value: number): string => {
    // A name that is an exporter's own: such a layer has learnt no scale, or no bias.
    const own = `const_${role}_of_${mean}`;
    initializers.set(own, float32([channels], new Float32Array(channels).fill(value)));
    return own;
  };
  const inputs = [scale ?? fixed("scale", 1), bias ?? fixed("bias", 0), mean, variance];
  const attributes = { epsilon: float(epsilon), momentum: float(KERAS_MOMENTUM) };
  const node = { opType: "BatchNormalization", domain: "", name, attributes };
  if (axis === 1) return [{ ...node, inputs: [x, ...inputs], outputs: [output] }];
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 0 && i !== axis);
  const there = [0, axis, ...others];
  const back = there.map((_, i) => there.indexOf(i));
  const moved = (from: string, to: string, perm: readonly number[]): GraphNode => ({
    opType: "Transpose",
    domain: "",
    name: "",
    inputs: [from],
    outputs: [to],
    attributes: { perm },
  });
  const [first, second] = [`${output}:channels_first`, `${output}:normalized`];
  return [
    moved(x, first, there),
    { ...node, inputs: [first, ...inputs], outputs: [second] },
    moved(second, output, back),
  ];
}

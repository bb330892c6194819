import { type Graph, type GraphNode, capturedNames, isRandom } from "../onnx/index.ts";
import { dependingOn } from "../parameters/index.ts";
import type { Shape } from "../tensor/index.ts";

/** Where a classifier's graph begins and ends, and what of it stays as it is. */
export interface CutOptions {
  /** Name of the images (default: the graph's input). */
  readonly input?: string;
  /** One image as the graph takes it (default: what the graph declares). */
  readonly image?: Shape;
  /** What training needs of the graph: the logits, and a tensor that is aligned (default: its outputs). */
  readonly targets?: readonly string[];
  /** Running variances of BatchNormalization nodes that keep their statistics (default: none do). */
  readonly frozenStatistics?: ReadonlySet<string>;
}

/** What a node reads, inside of its branches too. */
export const readsOf = (node: GraphNode): string[] => [
  ...node.inputs.filter((name) => name !== ""),
  ...capturedNames(node),
];

/**
 * Values that are others in each step for the same images: a trained tensor reaches them, batch statistics do, or something
 * is drawn on the way.
 */
export function movingValues(
  graph: Graph,
  trained: Iterable<string>,
  { input = graph.inputs[0]?.name, frozenStatistics = new Set() }: CutOptions = {},
): Set<string> {
  const ofImages = dependingOn(graph, input);
  const moving = new Set(trained);
  const startsToMove = (node: GraphNode): boolean => {
    if (isRandom(node)) return true;
    if (node.domain !== "" || !ofImages.has(node.inputs[0])) return false;
    if (node.opType === "BatchNormalization") return !frozenStatistics.has(node.inputs[4]);
    return node.opType === "Dropout" && !dropsNothing(node, graph);
  };
  for (const node of graph.nodes) {
    if (!startsToMove(node) && !readsOf(node).some((name) => moving.has(name))) continue;
    for (const output of node.outputs) if (output !== "") moving.add(output);
  }
  return moving;
}

/** Whether a node is a Dropout of ratio 0, as exporters write one that is switched off. */
export const dropsNothing = (
  { opType, domain, inputs, outputs }: GraphNode,
  { initializers }: Graph,
): boolean =>
  opType === "Dropout" && domain === "" && outputs.length === 1 && initializers.get(inputs[1])?.data[0] === 0;

/** What a classifier's graph gives whoever runs it, of which its logits are to be had again. */
import type { Graph, GraphNode } from "../onnx/index.ts";
import type { Classifier } from "./classifier.ts";

export interface GivenOutput {
  /** Name of the graph's output. */
  readonly name: string;
  /** How it comes of the logits: it is them, or their softmax, the logarithm of that, or the sigmoid of each. */
  readonly gives: "logits" | "softmax" | "log softmax" | "sigmoid";
}

const kinds: ReadonlyMap<string, GivenOutput["gives"]> = new Map([
  ["Softmax", "softmax"],
  ["LogSoftmax", "log softmax"],
  ["Sigmoid", "sigmoid"],
]);

/** What changes shape or name only. */
const carrying = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Dropout"]);

/** Null where the logits do not follow from any output by what is known here. */
export function givenOutput({ graph, logits }: Pick<Classifier, "graph" | "logits">): GivenOutput | null {
  if (graph.outputs.some(({ name }) => name === logits)) return { name: logits, gives: "logits" };
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  for (const { name } of graph.outputs) {
    const gives = followed(graph, producers, name, logits);
    if (gives) return { name, gives };
  }
  return null;
}

function followed(
  { nodes }: Graph,
  producers: ReadonlyMap<string, GraphNode>,
  output: string,
  logits: string,
): GivenOutput["gives"] | null {
  let gives: GivenOutput["gives"] = "logits";
  let name = output;
  // No longer than there are nodes.
  for (let steps = 0; steps <= nodes.length && name !== logits; steps++) {
    const node = producers.get(name);
    if (!node || node.domain !== "") return null;
    const kind = kinds.get(node.opType);
    if (kind === undefined && !carrying.has(node.opType)) return null;
    if (kind !== undefined && gives !== "logits") return null;
    gives = kind ?? gives;
    [name] = node.inputs;
  }
  return name === logits ? gives : null;
}

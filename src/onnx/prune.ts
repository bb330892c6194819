import { type AttributeProto, AttributeProtoSchema, type GraphProto } from "onnx-buf";
import { fromBinary } from "@bufbuild/protobuf";
import type { Graph, GraphNode } from "./graph.ts";

/** The part of a graph that the named values are computed from; outputs that are not made any more go too. */
export function prunedGraph(graph: Graph, targets: readonly string[]): Graph {
  const needed = new Set(targets);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => output !== "" && needed.has(output))) continue;
    for (const name of [...node.inputs, ...capturedNames(node)]) if (name !== "") needed.add(name);
    nodes.push(node);
  }
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  return {
    ...graph,
    nodes: nodes.reverse(),
    outputs: graph.outputs.filter(({ name }) => made.has(name)),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
  };
}

/** Values from outside that the subgraphs of a node (the branches of an If) may read. */
export const capturedNames = (node: GraphNode): string[] =>
  Object.values(node.attributes).flatMap((value) =>
    typeof value === "object" && "opaque" in value
      ? namesIn(fromBinary(AttributeProtoSchema, value.opaque))
      : [],
  );

const namesIn = ({ g, graphs }: AttributeProto): string[] =>
  [...(g ? [g] : []), ...graphs].flatMap((graph: GraphProto) => [
    ...graph.node.flatMap(({ input, attribute }) => [...input, ...attribute.flatMap(namesIn)]),
    ...graph.output.map(({ name }) => name),
  ]);

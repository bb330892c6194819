import type { Graph } from "./graph.ts";

/** A graph whose inner values have other names, where these are free. Inputs, outputs and initializers keep theirs. */
export function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const taken = new Set([
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
    ...graph.inputs.map(({ name }) => name),
  ]);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const renamed = new Map<string, string>();
  for (const value of graph.nodes.flatMap((node) => node.outputs)) {
    const name = names.get(value);
    if (name === undefined || outputs.has(value) || taken.has(name)) continue;
    taken.add(name);
    renamed.set(value, name);
  }
  const rename = (value: string) => renamed.get(value) ?? value;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
  };
}

/** Which node of a model first makes a number that is not finite, found by looking at every value of a step. */
import { type Graph, type GraphNode, describeNode } from "../onnx/index.ts";
import { type Feeds, innerValues } from "../runtime/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { isScalarName, passPrefixes } from "./step-names.ts";

/** In so many runs at most: all values at once may be more than the memory has. */
const RUNS = 24;

/**
 * @param graph  of the step
 * @param feeds  of the step, whose numbers are finite
 * @returns a few words that name a node of the model; undefined where all values are finite
 */
export async function originOfNonFinite(graph: Graph, feeds: Feeds): Promise<string | undefined> {
  const updated = updatedValues(graph);
  const names = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name && !updated.has(name)));
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.has(name)));
  const count = Math.ceil(names.length / RUNS);
  for (let start = 0; start < names.length; start += count) {
    const part = names.slice(start, start + count);
    const values = await innerValues(graph, part, used);
    const found = part.find((name) => isBroken(values[name]));
    if (found !== undefined) return described(graph, found);
  }
  return undefined;
}

/** What depends on the learning rate: the update, which may well be too large. */
function updatedValues({ inputs, nodes }: Graph): Set<string> {
  const found = new Set(inputs.map(({ name }) => name).filter(isScalarName));
  for (const node of nodes) {
    if (!node.inputs.some((name) => found.has(name))) continue;
    for (const output of node.outputs) found.add(output);
  }
  return found;
}

const isBroken = ({ dtype, data }: Tensor): boolean => dtype === "float32" && !data.every(Number.isFinite);

/** The node that makes a value; for one of the gradient, which has no name of its own, the value it is the gradient of. */
function described(graph: Graph, value: string): string {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  let node = producers.get(value)!;
  // Rows of the pass that chose the worst views, which made the value.
  while (node.opType === "Gather" && isOfModel(node.inputs[0]) && producers.has(node.inputs[0]))
    node = producers.get(node.inputs[0])!;
  if (isOfModel(value)) return `${describeNode(withoutPrefix(node))} makes it of finite numbers`;
  const near = node.inputs.find(isOfModel);
  const source = near === undefined ? undefined : producers.get(near);
  return source
    ? `it is in the gradient at ${describeNode(withoutPrefix(source))} ("${unprefixed(near!)}")`
    : "it is in the gradient";
}

const prefixes = Object.values(passPrefixes);
const isOfModel = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
const unprefixed = (name: string): string =>
  name.slice(prefixes.find((prefix) => name.startsWith(prefix))?.length ?? 0);

const withoutPrefix = ({ opType, name, outputs }: GraphNode): { opType: string; name: string } => ({
  opType,
  name: unprefixed(name || outputs[0]),
});

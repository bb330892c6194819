/**
 * What of a file cannot be read and need not be: outputs that are no tensors (sequences, maps) or tensors of strings, and
 * what only they depend on. Label tables, tokens and the like hang beside the logits of many classifiers.
 */
import { type GraphProto, type NodeProto, type TensorProto } from "onnx-buf";
import { tensorsHeld } from "./held-tensors.ts";
import { isReadableType } from "./tensor-proto.ts";

/** A graph without what is left out, and the outputs that went with it. */
export interface ReadablePart {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly outputs: GraphProto["output"];
  /** Names of the outputs that are left out. */
  readonly leftOut: readonly string[];
}

/**
 * The part of a graph that its readable outputs depend on; all of it where everything can be read. Where the outputs that
 * are needed depend on what cannot be read, that is kept, and reading it says what is wrong.
 *
 * @param isMissing  tensors that are not at hand: they are left out too unless a readable output needs them
 */
export function readablePart(graph: GraphProto, isMissing: (tensor: TensorProto) => boolean): ReadablePart {
  const isBad = (tensor: TensorProto) => !isReadableType(tensor.dataType) || isMissing(tensor);
  const bad = new Set(graph.initializer.filter(isBad).map(({ name }) => name));
  const outputs = graph.output.filter(isTensor);
  const everything = {
    nodes: graph.node,
    initializers: graph.initializer,
    outputs: graph.output,
    leftOut: [],
  };
  const badNodes = new Set(
    graph.node.filter((node) => constantsOf(node).some(isBad) || tensorsHeld(node).some(isMissing)),
  );
  if (outputs.length === 0 || (bad.size + badNodes.size === 0 && outputs.length === graph.output.length)) {
    return everything;
  }
  const needed = neededFor(
    graph,
    outputs.map(({ name }) => name),
  );
  const isNeeded = (node: NodeProto) => node.output.some((name) => name !== "" && needed.has(name));
  // What hangs on something unreadable, or makes an output that is left out.
  const lost = new Set([...bad].filter((name) => !needed.has(name)));
  const leftOut = graph.output.filter((output) => !outputs.includes(output)).map(({ name }) => name);
  const made = new Set(leftOut);
  const nodes = graph.node.filter((node) => {
    if (isNeeded(node)) return true;
    const isLost =
      badNodes.has(node) ||
      node.input.some((name) => lost.has(name)) ||
      node.output.some((name) => made.has(name));
    if (isLost) node.output.forEach((name) => lost.add(name));
    return !isLost;
  });
  return {
    nodes,
    initializers: graph.initializer.filter(({ name }) => !lost.has(name)),
    outputs,
    leftOut,
  };
}

const isTensor = ({ type }: GraphProto["output"][number]): boolean =>
  type?.value.case === "tensorType" && isReadableType(type.value.value.elemType);

/** Tensors that a node holds itself, as a Constant does. */
const constantsOf = ({ attribute }: NodeProto): TensorProto[] =>
  attribute.flatMap(({ t, tensors }) => [...(t ? [t] : []), ...tensors]);

/** Every value that the named ones are computed from, through branches too. */
function neededFor({ node: nodes }: GraphProto, names: readonly string[]): Set<string> {
  const needed = new Set(names);
  const producers = new Map(nodes.flatMap((node) => node.output.map((output) => [output, node] as const)));
  const waiting = [...needed];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = producers.get(name);
    if (!node) continue;
    for (const input of [...node.input, ...captured(node)]) {
      if (input === "" || needed.has(input)) continue;
      needed.add(input);
      waiting.push(input);
    }
  }
  return needed;
}

/** What the subgraphs of a node (the branches of an If) may read from outside. */
function captured(node: NodeProto): string[] {
  return node.attribute
    .flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs])
    .flatMap((graph) => [
      ...graph.node.flatMap((inner) => [...inner.input, ...captured(inner)]),
      ...graph.output.map(({ name }) => name),
    ]);
}

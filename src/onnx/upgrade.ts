/**
 * Brings a graph to the current opset, so that every later stage knows one form of each operator.
 *
 * A table (upgrades/) lists the operators whose form changed, with the opset of the change and the rewriting. Operators that
 * are not listed mean the same from opset 9 on.
 */
import type { Tensor } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import { namesInBodies, withBodies } from "./bodies.ts";
import { ModelError } from "./errors.ts";
import { CURRENT_OPSET, type Graph, type GraphNode, OLDEST_OPSET, opsetOf } from "./graph.ts";
import { upgrades } from "./upgrades/index.ts";

/** The same graph in the operators' current forms. @throws ModelError for opsets outside the supported range */
export function upgradeGraph(graph: Graph): Graph {
  const opset = opsetOf(graph);
  if (opset < OLDEST_OPSET || opset > CURRENT_OPSET) {
    throw new ModelError(
      `The graph "${graph.name}" is at opset ${opset}; supported are ${OLDEST_OPSET} to ${CURRENT_OPSET}. ` +
        `Export it again with an opset in that range.`,
    );
  }
  checkAges(graph, opset);
  const initializers = new Map(graph.initializers);
  const taken = new Set([
    ...initializers.keys(),
    ...graph.nodes.flatMap((node) => [...node.outputs, ...namesInBodies(node)]),
    ...graph.inputs.map(({ name }) => name),
  ]);
  let count = 0;
  const fresh = () => {
    let name: string;
    do name = `upgraded_${++count}`;
    while (taken.has(name));
    return name;
  };
  /** The nodes that stand for one, whose constants go to `stored`: those of a branch stay in it. */
  const upgradeNode = (given: GraphNode, stored: Map<string, Tensor>): GraphNode[] => {
    const node = withBodies(given, (nodes, own) => nodes.flatMap((inner) => upgradeNode(inner, own)));
    const constant = (value: Tensor) => {
      const name = fresh();
      stored.set(name, value);
      return name;
    };
    const steps = (node.domain === "" && upgrades.get(node.opType)) || [];
    return steps
      .filter(([since]) => opset < since)
      .reduce<GraphNode[]>(
        (nodes, [, upgrade]) =>
          nodes.flatMap((n) => (n.opType === node.opType ? upgrade(n, { constant, fresh }) : [n])),
        [node],
      );
  };
  return {
    ...graph,
    nodes:
      opset === CURRENT_OPSET ? graph.nodes : graph.nodes.flatMap((node) => upgradeNode(node, initializers)),
    initializers,
    opsets: new Map([...graph.opsets, ["", CURRENT_OPSET]]),
  };
}

/** Operators that exporters write, and the opset that they came with. */
const since: ReadonlyMap<string, number> = new Map([
  ["Attention", 23],
  ["RotaryEmbedding", 23],
  ["RMSNormalization", 23],
  ["Swish", 24],
]);

/** PyTorch 2.15, asked for an opset that it cannot convert to, writes the operators of a newer one into a file of opset 18. */
function checkAges({ name, nodes }: Graph, opset: number): void {
  const node = nodes.find(({ domain, opType }) => domain === "" && opset < (since.get(opType) ?? 0));
  if (!node) return;
  throw new ModelError(
    `The graph "${name}" says that it is at opset ${opset}, and holds ${describeNode(node)}, an operator of opset ` +
      `${since.get(node.opType)}: nothing can run such a file. Export it again with an older opset_version, such as 20.`,
  );
}

/** The nodes of a graph model: what model.json's modelTopology lists, checked, and in an order in which they can run. */
import { ownText, ownValue } from "../keras/archive/index.ts";
import { ModelError } from "../onnx/index.ts";
import { checkLimit } from "../options/index.ts";
import { NodeAttributes } from "./attributes.ts";

/** One of the values that a node makes. */
export interface NodeOutput {
  readonly node: string;
  /** Which of them. */
  readonly index: number;
}

export interface GraphNode {
  readonly name: string;
  /** TensorFlow's operator, as "Conv2D". */
  readonly op: string;
  readonly inputs: readonly NodeOutput[];
  readonly attributes: NodeAttributes;
}

/** @throws ModelError for nodes that are none, and for two of one name */
export function graphNodes(nodes: readonly unknown[]): ReadonlyMap<string, GraphNode> {
  checkLimit("nodes", nodes.length, "The graph model");
  const byName = new Map<string, GraphNode>();
  nodes.forEach((value, index) => {
    const [name, op, inputs] = [ownText(value, "name"), ownText(value, "op"), ownValue(value, "input") ?? []];
    if (name === undefined || op === undefined || !Array.isArray(inputs)) {
      throw new ModelError(`its modelTopology.node[${index}] has no name, no op or no list of inputs`);
    }
    if (byName.has(name)) throw new ModelError(`it has two nodes named ${JSON.stringify(name)}`);
    const taken = inputs.map((input: unknown) => outputOf(input, name)).filter((input) => input !== null);
    byName.set(name, { name, op, inputs: taken, attributes: new NodeAttributes(ownValue(value, "attr")) });
  });
  return byName;
}

/** What "conv/BiasAdd:0" names; null for "^conv", which is to run before and gives nothing. */
function outputOf(input: unknown, name: string): NodeOutput | null {
  if (typeof input !== "string" || input === "") {
    throw new ModelError(`its node ${JSON.stringify(name)} has an input that is no name`);
  }
  return input.startsWith("^") ? null : parsedOutput(input);
}

/** A tensor's name, "conv/BiasAdd:0" or "conv/BiasAdd", taken apart. */
export function parsedOutput(tensor: string): NodeOutput {
  const [, node, index] = /^(.*):(\d{1,4})$/s.exec(tensor) ?? [];
  return node === undefined ? { node: tensor, index: 0 } : { node, index: Number(index) };
}

/**
 * The nodes that outputs need, each behind those that it takes.
 *
 * @param isEnd  of which no inputs are looked at
 * @throws ModelError for a name that no node has, and for a circle
 */
export function neededNodes(
  nodes: ReadonlyMap<string, GraphNode>,
  outputs: readonly NodeOutput[],
  isEnd: (node: GraphNode) => boolean = () => false,
): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, "open" | "done">();
  for (const { node: output } of outputs) {
    // No recursion: a deep network would run out of stack.
    const stack: { readonly node: GraphNode; next: number }[] = [];
    const enter = (name: string, by: string): void => {
      if (state.get(name) === "done") return;
      if (state.get(name) === "open") {
        throw new ModelError(`its node ${JSON.stringify(name)} takes what it makes itself, in a circle`);
      }
      const node = nodes.get(name);
      if (!node) throw new ModelError(`its ${by} takes ${JSON.stringify(name)}, which no node makes`);
      state.set(name, "open");
      stack.push({ node, next: 0 });
    };
    enter(output, "output");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = isEnd(top.node) ? undefined : top.node.inputs[top.next];
      if (input) {
        top.next++;
        enter(input.node, `node ${JSON.stringify(top.node.name)}`);
      } else {
        stack.pop();
        state.set(top.node.name, "done");
        order.push(top.node);
      }
    }
  }
  return order;
}

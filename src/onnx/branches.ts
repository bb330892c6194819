/**
 * Ifs whose condition follows from shapes: exporters write them for `squeeze`, LocalResponseNorm, diagonals and the like.
 * With the size of the images known, one branch is taken always.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { AttributeProtoSchema, type GraphProto } from "onnx-buf";
import { LimitError, checkLimit } from "../options/index.ts";
import { AlignregError, type Shape, type Tensor } from "../tensor/index.ts";
import { GraphBuilder } from "./builder.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { inlineGraph } from "./inline.ts";
import { readNode } from "./node-proto.ts";
import { prunedGraph } from "./prune.ts";
import { tensorFromProto } from "./tensor-proto.ts";
import { upgradeGraph } from "./upgrade.ts";

/** Images that shapes are inferred for where the file states no number. */
const SOME = 2;

/**
 * The graph with the branch that is taken in place of each If whose condition is known; the others stay.
 *
 * @param input  name of the images
 * @param image  shape of one, as the graph takes it
 */
export function resolveBranches(graph: Graph, input: string, image: Shape): Graph {
  let resolved = graph;
  const left = new Set<string>();
  // Each is resolved by a walk over what stands before it.
  let tried = 0;
  for (;;) {
    const node = resolved.nodes.find(
      ({ opType, domain, outputs }) => opType === "If" && domain === "" && !left.has(outputs[0]),
    );
    if (!node) return resolved;
    checkLimit("branches", ++tried, `The graph "${graph.name}"`);
    const condition = conditionOf(resolved, node, input, image);
    const branch =
      condition === undefined ? undefined : node.attributes[condition ? "then_branch" : "else_branch"];
    const taken = typeof branch === "object" && "opaque" in branch ? bodyOf(branch.opaque) : undefined;
    if (taken) resolved = spliced(resolved, node, taken);
    else left.add(node.outputs[0]);
  }
}

const bodyOf = (attribute: Uint8Array): GraphProto | undefined =>
  fromBinary(AttributeProtoSchema, attribute).g;

/** The condition's value, if it follows from shapes. */
function conditionOf(graph: Graph, node: GraphNode, input: string, image: Shape): boolean | undefined {
  const [name] = node.inputs;
  const stored = graph.initializers.get(name);
  if (stored) return Boolean(stored.data[0]);
  try {
    const part = upgradeGraph(prunedGraph(graph, [name]));
    const g = new GraphBuilder();
    const declared = graph.inputs.find((info) => info.name === input)?.shape?.[0];
    const batch = typeof declared === "number" && declared > 0 ? declared : SOME;
    const bindings = new Map([[input, g.input(input, "float32", [batch, ...image])]]);
    const constant = inlineGraph(g, part, bindings).get(name)?.constant;
    return constant && Boolean(constant.data[0]);
  } catch (error) {
    // An operator without a shape rule, say: what stands against the model, others find.
    if (error instanceof AlignregError && !(error instanceof LimitError)) return undefined;
    throw error;
  }
}

/** The graph with a branch's nodes in place of the If; names of its own get those of the If before them. */
function spliced(graph: Graph, node: GraphNode, body: GraphProto): Graph {
  const prefix = `${node.name || node.outputs[0]}/`;
  const own = new Set([
    ...body.node.flatMap(({ output }) => output),
    ...body.initializer.map(({ name }) => name),
  ]);
  const made = new Set(body.node.flatMap(({ output }) => output));
  const outputs = new Map(body.output.map(({ name }, i) => [name, node.outputs[i]] as const));
  const rename = (name: string) => {
    if (!own.has(name)) return name;
    return (made.has(name) ? outputs.get(name) : undefined) ?? prefix + name;
  };
  const inner = body.node.map((proto): GraphNode => {
    const read = readNode(proto);
    return {
      ...read,
      name: read.name && prefix + read.name,
      inputs: read.inputs.map(rename),
      outputs: read.outputs.map(rename),
    };
  });
  // What a branch hands out without a node of its own.
  const handed = [...outputs]
    .filter(([name]) => !made.has(name))
    .map(([name, output]): GraphNode => ({
      opType: "Identity",
      domain: "",
      name: "",
      inputs: [rename(name)],
      outputs: [output],
      attributes: {},
    }));
  const tensors = body.initializer.map((proto): [string, Tensor] => [
    rename(proto.name),
    tensorFromProto(proto),
  ]);
  return {
    ...graph,
    nodes: graph.nodes.flatMap((other) => (other === node ? [...inner, ...handed] : [other])),
    initializers: new Map([...graph.initializers, ...tensors]),
  };
}

/** Which tensors go into a graph model and which come out, as its signature has it or, without one, as its nodes do. */
import { ownText, ownValue } from "../keras/archive/index.ts";
import { shapeOf } from "./attributes.ts";
import { type GraphNode, type NodeOutput, parsedOutput } from "./graph-nodes.ts";

export interface GraphOutput extends NodeOutput {
  /** What it is called in the signature, else by TensorFlow. */
  readonly name: string;
}

export interface GraphSignature {
  readonly outputs: readonly GraphOutput[];
  /** Shape that the signature states of an input, by its node. */
  readonly inputShapes: ReadonlyMap<string, readonly (number | null)[]>;
}

/**
 * @param json   a model.json, as parsed
 * @param nodes  by name
 */
export function graphSignature(json: unknown, nodes: ReadonlyMap<string, GraphNode>): GraphSignature {
  // TensorFlow.js looks there first, too.
  const stated = ownValue(ownValue(json, "userDefinedMetadata"), "signature") ?? ownValue(json, "signature");
  const inputShapes = new Map<string, readonly (number | null)[]>();
  for (const [, value] of tensorsOf(stated, "inputs")) {
    const [name, shape] = [ownText(value, "name"), shapeOf("tensorShape", ownValue(value, "tensorShape"))];
    if (name !== undefined && shape !== undefined) inputShapes.set(parsedOutput(name).node, shape);
  }
  const outputs = tensorsOf(stated, "outputs").flatMap(([key, value]) => {
    const name = ownText(value, "name");
    return name === undefined ? [] : [{ name: key, ...parsedOutput(name) }];
  });
  return { outputs: outputs.length > 0 ? outputs : lastOutputs(nodes), inputShapes };
}

const tensorsOf = (signature: unknown, key: "inputs" | "outputs"): [string, unknown][] => {
  const tensors = ownValue(signature, key);
  return typeof tensors === "object" && tensors !== null ? Object.entries(tensors) : [];
};

/** Of the nodes that no other takes. */
function lastOutputs(nodes: ReadonlyMap<string, GraphNode>): GraphOutput[] {
  const taken = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const silent = new Set(["Const", "Placeholder", "NoOp", "Assert"]);
  return [...nodes.values()]
    .filter(({ name, op }) => !taken.has(name) && !silent.has(op))
    .map(({ name }) => ({ name, node: name, index: 0 }));
}

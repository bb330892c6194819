/** Biases of zeros that the exporter's optimizer has left out, as they have no effect before the training. */
import type { Graph, GraphNode } from "../../onnx/index.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { callOf } from "./call.ts";
import { biasArguments } from "./operands.ts";
import { hasBatchNormalization, leavesOutBias } from "./rules.ts";
import type { Signature } from "./signature.ts";

/**
 * The graph with a bias for each layer that has one in the module, under its name. A layer that has taken in a
 * BatchNormalization gets one too, as its bias has, called as the exporter calls those that are not zero.
 */
export function withBiases(graph: Graph, signature: Signature): Graph {
  const initializers = new Map<string, Tensor>(graph.initializers);
  const parameters = new Set(
    signature.listed.filter(({ kind }) => kind === "parameter").map(({ name }) => name),
  );
  let isChanged = false;
  const nodes = graph.nodes.map((node) => {
    const name = node.inputs[2] ? undefined : biasName(node);
    const channels = channelsOf(node, graph.initializers.get(node.inputs[1]));
    if (name === undefined || channels === undefined) return node;
    const before = initializers.get(name);
    const isFree = before === undefined || (before.shape.join() === `${channels}` && isZero(before));
    if (!isFree) return node;
    isChanged = true;
    if (!before) initializers.set(name, tensor("float32", [channels]));
    return { ...node, inputs: [node.inputs[0], node.inputs[1], name] };
  });
  return isChanged ? { ...graph, nodes, initializers } : graph;

  function biasName(node: GraphNode): string | undefined {
    const [, weight = ""] = node.inputs;
    const beside = weight.replace(/weight$/, "bias");
    const own = beside !== weight && parameters.has(beside) ? beside : undefined;
    if (hasBatchNormalization(node)) return own ?? `${weight}_bias`;
    const call = callOf(node);
    if (!call) return leavesOutBias(node) ? own : undefined;
    const place = biasArguments.get(call.operator);
    const [given] = place === undefined ? [] : (call.arguments[place]?.values ?? []);
    const signed = given === undefined ? undefined : signature.tensors.get(given);
    return signed?.kind === "parameter" ? signed.name : undefined;
  }
}

const isZero = ({ data }: Tensor): boolean => data.every((value) => Number(value) === 0);

/** Length of the bias that a layer could take; undefined where it is none, or its weight is not stored. */
function channelsOf({ opType, attributes }: GraphNode, weight: Tensor | undefined): number | undefined {
  if (weight?.dtype !== "float32" || weight.data.length === 0) return undefined;
  const [first, second] = weight.shape;
  if (opType === "Conv") return first;
  if (opType === "Gemm") return attributes.transB === 1 ? first : second;
  const groups = attributes.group ?? 1;
  const isGrouped = typeof groups === "number" && groups <= first;
  return opType === "ConvTranspose" && isGrouped ? second * groups : undefined;
}

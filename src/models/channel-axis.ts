/** Along which axis of a map of features its channels lie, told by who makes and who takes it. */
import type { Graph, GraphNode } from "../onnx/index.ts";

/** Operators that have the channels second … */
const second = new Set([
  ...["Conv", "ConvTranspose", "BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN"],
  ...["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "GlobalLpPool", "FusedConv"],
]);
/** … and last. */
const last = new Set(["MatMul", "Gemm", "LayerNormalization", "RMSNormalization", "SkipLayerNormalization"]);

/** Operators behind which the axes are others. */
const rearranging = new Set(["Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Gather"]);

/**
 * 1 or −1: the nearest operator that tells decides; without any, tokens [N, T, D] have theirs last and images [N, C, H, W] second.
 *
 * @param rank  of the tensor
 */
export function placesAxis(graph: Graph, tensor: string, rank: number): number {
  const seen = new Set([tensor]);
  const waiting = [tensor];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    for (const node of graph.nodes) {
      const touches = node.outputs[0] === name || node.inputs[0] === name || node.inputs[1] === name;
      if (!touches) continue;
      const axis = told(node);
      if (axis !== undefined) return axis;
      if (rearranging.has(node.opType)) continue;
      for (const next of [...node.inputs, ...node.outputs]) {
        if (next === "" || seen.has(next) || graph.initializers.has(next)) continue;
        seen.add(next);
        waiting.push(next);
      }
    }
  }
  return rank === 3 ? -1 : 1;
}

const told = ({ opType }: GraphNode): number | undefined =>
  second.has(opType) ? 1 : last.has(opType) ? -1 : undefined;

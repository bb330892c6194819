/** What the exporter's optimizer did to a node, as it writes into the node's metadata. */
import type { GraphNode } from "../../onnx/index.ts";
import { callOf } from "./call.ts";
import { isBatchNormalization } from "./operands.ts";

const RULES = "pkg.onnxscript.rewriter.rule_name";

/** Layers that a BatchNormalization can be folded into. */
const foldable = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/**
 * Whether a BatchNormalization was folded into a layer: by the rule, or as the layer stands where PyTorch calls a
 * normalization.
 */
export function hasBatchNormalization(node: GraphNode): boolean {
  if (!foldable.has(node.opType)) return false;
  if (node.metadata?.[RULES]?.includes("FuseBatchNorm")) return true;
  const call = callOf(node);
  return call !== undefined && isBatchNormalization(call);
}

/** Whether a layer's bias of zeros was left out; it may have had none. */
export const leavesOutBias = ({ metadata }: GraphNode): boolean =>
  metadata?.[RULES]?.includes("RemoveOptionalBias") ?? false;

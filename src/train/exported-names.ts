import type { Graph } from "../onnx/index.ts";
import { firstFew } from "./first-few.ts";
import { trainableNames } from "./trainable.ts";

/** How PyTorch's exporter (torch.onnx.export, dynamo=False) keeps every parameter of the module under its own name. */
const KEEP_NAMES =
  `To load the weights into the module, export with training=torch.onnx.TrainingMode.PRESERVE, ` +
  `do_constant_folding=False and dynamo=False (docs/pytorch.md).`;

/**
 * What a user should know who wants to take trained weights back to the module that was exported: which of them the
 * module does not have.
 */
export function exportNotes(graph: Graph): string[] {
  const folded = foldedConvolutions(graph);
  if (folded.length > 0) {
    return [
      `BatchNormalization was folded into ${folded.length} convolutions (${firstFew(folded)}) and does not train. ` +
        `The trained ONNX file can be used as it is, but its weights are not the module's. ${KEEP_NAMES}`,
    ];
  }
  const computed = trainableNames(graph).filter(isComputed);
  return computed.length === 0
    ? []
    : [
        `${computed.length} parameters were computed by the exporter (${firstFew(computed)}), such as transposed ` +
          `weights, and have no counterpart of that name in the module. ${KEEP_NAMES}`,
      ];
}

/** PyTorch's first exporter names so what it computed while exporting. */
const isComputed = (name: string): boolean => name.startsWith("onnx::");

/**
 * Weights of convolutions into which an exporter folded BatchNormalization. The first exporter gives them new names; the
 * second keeps the name of the weight, and names a bias that was not there after the convolution's input.
 */
const foldedConvolutions = ({ nodes }: Graph): string[] =>
  nodes
    .filter(({ opType }) => opType === "Conv")
    .filter(({ inputs: [x, weight, bias] }) => isComputed(weight) || bias === `${x}_bias`)
    .map(({ inputs }) => inputs[1]);

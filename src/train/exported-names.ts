import type { Graph } from "../onnx/index.ts";
import { trainableNames } from "./trainable.ts";

/** PyTorch's exporter names so what it computed while exporting; `onnx::Conv_123` is no parameter of the module. */
const isFolded = (name: string): boolean => name.startsWith("onnx::");

/**
 * What a user should know who wants to take trained weights back to the module that was exported: which of them the
 * module does not have.
 */
export function exportNotes(graph: Graph): string[] {
  const folded = trainableNames(graph).filter(isFolded);
  if (folded.length === 0) return [];
  const hasFoldedConvolutions = folded.some((name) => name.startsWith("onnx::Conv"));
  return [
    `${folded.length} parameters were computed by the exporter (${folded.slice(0, 3).join(", ")}` +
      `${folded.length > 3 ? ", …" : ""}) and have no counterpart in the PyTorch module` +
      (hasFoldedConvolutions
        ? `: BatchNormalization was folded into its convolutions and does not train. `
        : `. `) +
      `They train, and the ONNX file can be used as it is. To load the weights into the module, export with ` +
      `training=torch.onnx.TrainingMode.TRAINING and do_constant_folding=False.`,
  ];
}

import { type NodeProto, TensorProto_DataLocation } from "onnx-buf";
import { ownArray } from "../tensor/index.ts";
import { type ExternalData, externalBytes, isExternal, locationOf } from "./external-data.ts";
import { tensorsHeld } from "./held-tensors.ts";
import { dtypeOf } from "./tensor-proto.ts";

/**
 * Puts the bytes of every external tensor that a node holds into the node itself: a graph goes to ONNX Runtime without a
 * folder, and it would look for the files in the working directory.
 *
 * @throws ModelError as {@link externalBytes} does
 */
export function embedExternal(node: NodeProto, files: ExternalData): void {
  for (const tensor of tensorsHeld(node)) {
    if (!isExternal(tensor)) continue;
    const where = `A tensor${quoted(tensor.name)} in node${quoted(node.name || node.opType)}`;
    // A type that is not read is the greater fault.
    if (!files.has(locationOf(tensor))) dtypeOf(tensor.dataType, where);
    tensor.rawData = ownArray(externalBytes(tensor, files, where)) as Uint8Array<ArrayBuffer>;
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
}

const quoted = (name: string): string => (name === "" ? "" : ` "${name}"`);

import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema } from "onnx-buf";
import { isExternal, locationOf } from "./external-data.ts";
import { readablePart } from "./unreadable.ts";

/**
 * The files that hold tensors of an ONNX file, relative to its folder: those that its readable outputs depend on, in
 * initializers and in Constant nodes. None for bytes that are no model.
 */
export function externalLocations(bytes: Uint8Array): string[] {
  let graph: GraphProto | undefined;
  try {
    graph = fromBinary(ModelProtoSchema, bytes).graph;
  } catch {
    // What is wrong with it, the reader says.
    return [];
  }
  if (!graph) return [];
  const { nodes, initializers } = readablePart(graph, isExternal);
  const constants = nodes.flatMap(({ attribute }) =>
    attribute.flatMap(({ t, tensors }) => [...(t ? [t] : []), ...tensors]),
  );
  return [...new Set([...initializers, ...constants].filter(isExternal).map(locationOf))];
}

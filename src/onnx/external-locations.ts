import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { isExternal, locationOf } from "./external-data.ts";
import { tensorsHeld } from "./held-tensors.ts";
import { readablePart } from "./unreadable.ts";

/**
 * The files that hold tensors of an ONNX file, relative to its folder: those that its readable outputs depend on, in
 * initializers, in nodes and their branches, and in local functions. None for bytes that are no model.
 */
export function externalLocations(bytes: Uint8Array): string[] {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch {
    // What is wrong with it, the reader says.
    return [];
  }
  const { graph, functions } = model;
  if (!graph) return [];
  const { nodes, initializers } = readablePart(graph, isExternal);
  const held = [...nodes, ...functions.flatMap(({ node }) => node)].flatMap(tensorsHeld);
  return [...new Set([...initializers, ...held].filter(isExternal).map(locationOf))];
}

/** Nodes and their attributes, between protobuf messages and data. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  type NodeProto,
  NodeProtoSchema,
} from "onnx-buf";
import type { Attribute, Attributes } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import type { GraphNode } from "./graph.ts";
import { int64Of } from "./int64.ts";
import { checkNode } from "./schemas/index.ts";
import { readPairs, writePairs } from "./pairs.ts";
import { tensorFromProto, tensorToProto } from "./tensor-proto.ts";

/**
 * @param node  with its tensors inside, none in files
 * @throws ModelError for what is no node of its operator
 */
export function readNode(node: NodeProto): GraphNode {
  const read = nodeOf(node);
  checkNode(read);
  return read;
}

const nodeOf = (node: NodeProto): GraphNode => ({
  opType: node.opType,
  domain: node.domain === "ai.onnx" ? "" : node.domain,
  name: node.name,
  inputs: node.input,
  outputs: node.output,
  attributes: Object.fromEntries(
    node.attribute.map((a) => [a.name, readAttribute(a, node.name || node.opType)]),
  ),
  ...(node.metadataProps.length > 0 && { metadata: readPairs(node.metadataProps) }),
});

export const writeNode = (node: GraphNode): NodeProto =>
  create(NodeProtoSchema, {
    opType: node.opType,
    domain: node.domain,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: writeAttributes(node.attributes),
    metadataProps: writePairs(node.metadata),
  });

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function readAttribute(a: AttributeProto, node: string): Attribute {
  switch (a.type) {
    case Kind.INT:
      return Number(a.i);
    case Kind.INTS:
      return a.ints.map(Number);
    case Kind.FLOAT:
      return { float: a.f };
    case Kind.FLOATS:
      return { floats: a.floats };
    case Kind.STRING:
      return decoder.decode(a.s);
    case Kind.STRINGS:
      return a.strings.map((s) => decoder.decode(s));
    case Kind.TENSOR:
      if (!a.t) throw new ModelError(`Attribute "${a.name}" of node "${node}" says tensor but holds none.`);
      return tensorFromProto(a.t, `Attribute "${a.name}" of node "${node}"`);
    default:
      return { opaque: toBinary(AttributeProtoSchema, a) };
  }
}

/** The attributes as protobuf messages, ready to store. */
const writeAttributes = (attributes: Attributes): AttributeProto[] =>
  Object.entries(attributes).map(([name, value]) => {
    if (typeof value === "number") {
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: int64Of(value) });
    }
    if (typeof value === "string") {
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: encoder.encode(value) });
    }
    if ("opaque" in value) return fromBinary(AttributeProtoSchema, value.opaque);
    if ("float" in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float });
    if ("floats" in value)
      return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...value.floats] });
    if ("dtype" in value) {
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorToProto(value) });
    }
    if (value.every((v) => typeof v === "number")) {
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(int64Of) });
    }
    return create(AttributeProtoSchema, {
      name,
      type: Kind.STRINGS,
      strings: value.map((v) => encoder.encode(String(v))),
    });
  });

/** The graphs inside of a node: the branches of an If, the body of a Loop or Scan. They are kept as they were read. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AttributeProtoSchema, type GraphProto, GraphProtoSchema } from "onnx-buf";
import type { Tensor } from "../tensor/index.ts";
import type { GraphNode } from "./graph.ts";
import { readNode, writeNode } from "./node-proto.ts";
import { tensorToProto } from "./tensor-proto.ts";

/** Other nodes in the place of a body's; constants of theirs are to be put in `own`. */
type Change = (nodes: readonly GraphNode[], own: Map<string, Tensor>) => readonly GraphNode[];

/** The node with the nodes of its bodies changed; the same one where it has none. */
export function withBodies(node: GraphNode, change: Change): GraphNode {
  const bodies = bodiesOf(node);
  if (bodies.length === 0) return node;
  const changed = bodies.map(([name, attribute]) => {
    const { g, graphs } = attribute;
    const whole = {
      ...attribute,
      ...(g && { g: changedBody(g, change) }),
      graphs: graphs.map((graph) => changedBody(graph, change)),
    };
    return [name, { opaque: toBinary(AttributeProtoSchema, create(AttributeProtoSchema, whole)) }] as const;
  });
  return { ...node, attributes: { ...node.attributes, ...Object.fromEntries(changed) } };
}

/** What the bodies call values of their own. */
export const namesInBodies = (node: GraphNode): string[] =>
  bodiesOf(node).flatMap(([, { g, graphs }]) => [...(g ? [g] : []), ...graphs].flatMap(namesIn));

function bodiesOf({ attributes }: GraphNode) {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (typeof value !== "object" || !("opaque" in value)) return [];
    const attribute = fromBinary(AttributeProtoSchema, value.opaque);
    return attribute.g || attribute.graphs.length > 0 ? [[name, attribute] as const] : [];
  });
}

function changedBody(body: GraphProto, change: Change): GraphProto {
  const own = new Map<string, Tensor>();
  const node = change(body.node.map(readNode), own).map(writeNode);
  const initializer = [...body.initializer, ...[...own].map(([name, value]) => tensorToProto(value, name))];
  return create(GraphProtoSchema, { ...body, node, initializer });
}

const namesIn = ({ node, initializer, input }: GraphProto): string[] => [
  ...node.flatMap((proto) => [...proto.output, ...namesInBodies(readNode(proto))]),
  ...initializer.map(({ name }) => name),
  ...input.map(({ name }) => name),
];

/**
 * Operators that we know nothing of. In a frozen part of a network they need no gradient and no shape rule: the runtime
 * has them, and the types of what they make are learnt by running them once. While a step is built, such a node stands
 * as `Opaque`, which holds those types.
 */
import { ModelError } from "./errors.ts";
import { describeNode, stringAttribute } from "./attribute.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { InferenceRule } from "./infer/rule.ts";
import type { DType } from "../tensor/index.ts";

const OPAQUE_DOMAIN = "alignreg.opaque";
const OPAQUE = "Opaque";

/** A type whose lengths follow the number of images n: base + perImage·n along each axis. */
export interface BatchedType {
  readonly dtype: DType;
  readonly base: readonly number[];
  readonly perImage: readonly number[];
}

/** Whether a node stands for an operator that nothing is known of. */
export const isOpaque = ({ domain }: GraphNode): boolean => domain === OPAQUE_DOMAIN;

interface OpaqueFacts {
  readonly opType: string;
  readonly domain: string;
  /** Of each input that is there, and of each output. */
  readonly inputs: readonly (BatchedType | null)[];
  readonly outputs: readonly BatchedType[];
}

const FACTS = "alignreg.opaque";

/** The node as `Opaque`. @throws ModelError when a type is not among those given */
export function opaqueNode(node: GraphNode, types: ReadonlyMap<string, BatchedType>): GraphNode {
  const outputs = node.outputs.map((name) => {
    const type = types.get(name);
    if (type) return type;
    throw new ModelError(`internal: nothing is known of what ${describeNode(node)} makes ("${name}").`);
  });
  const inputs = node.inputs.map((name) => types.get(name) ?? null);
  const facts: OpaqueFacts = { opType: node.opType, domain: node.domain, inputs, outputs };
  return {
    ...node,
    opType: OPAQUE,
    domain: OPAQUE_DOMAIN,
    attributes: { ...node.attributes, [FACTS]: JSON.stringify(facts) },
  };
}

/** What an `Opaque` node stands for; nothing for any other node. */
export function opaqueOperator(
  node: Pick<GraphNode, "opType" | "domain" | "attributes"> & { readonly name: string },
): Partial<Pick<GraphNode, "opType" | "domain" | "attributes">> {
  if (node.domain !== OPAQUE_DOMAIN) return {};
  const { opType, domain } = factsOf(node);
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => name !== FACTS));
  return { opType, domain, attributes };
}

/** The graph with every `Opaque` node as what it stands for, ready to run. */
export function withoutOpaque(graph: Graph, opsets: ReadonlyMap<string, number>): Graph {
  if (!graph.nodes.some(({ domain }) => domain === OPAQUE_DOMAIN)) return graph;
  const domains = new Set<string>();
  const nodes = graph.nodes.map((node) => {
    if (node.domain !== OPAQUE_DOMAIN) return node;
    const { opType, domain } = factsOf(node);
    const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => name !== FACTS));
    domains.add(domain);
    return { ...node, opType, domain, attributes };
  });
  const kept = [...graph.opsets].filter(([domain]) => domain !== OPAQUE_DOMAIN);
  const added = [...domains].filter(Boolean).map((domain) => [domain, opsets.get(domain) ?? 1] as const);
  return { ...graph, nodes, opsets: new Map([...kept, ...added]) };
}

const factsOf = (node: Parameters<typeof stringAttribute>[0]): OpaqueFacts =>
  JSON.parse(stringAttribute(node, FACTS)) as OpaqueFacts;

/** How many images there are is seen in the inputs. */
const infer: InferenceRule = (node) => {
  const { inputs, outputs } = factsOf(node);
  const counts = node.inputs.flatMap((value, i) => {
    const type = inputs[i];
    if (!value || !type) return [];
    return value.shape.flatMap((length, axis) =>
      type.perImage[axis] > 0 ? [(length - type.base[axis]) / type.perImage[axis]] : [],
    );
  });
  const [count = 1] = counts;
  return outputs.map(({ dtype, base, perImage }) => ({
    dtype,
    shape: base.map((length, axis) => length + perImage[axis] * count),
  }));
};

/** For the table of inference rules. */
export const opaqueInference = { [`${OPAQUE_DOMAIN}.${OPAQUE}`]: infer };

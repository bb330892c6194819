import { AlignregError } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import { ModelError } from "./errors.ts";
import type { GraphBuilder } from "./builder.ts";
import { type Graph, type GraphNode, CURRENT_OPSET, opsetOf } from "./graph.ts";
import type { Value } from "./value.ts";

export interface InlineOptions {
  /** Put before the names of the nodes' outputs, so that one graph can be inlined several times. */
  prefix?: string;
  /** Replaces a node while it is copied: returns its outputs, or null to copy it as it is. */
  rewrite?: (g: GraphBuilder, node: GraphNode, inputs: readonly (Value | null)[]) => readonly Value[] | null;
}

/**
 * Copies a graph into a builder, with its inputs (and, where named, its initializers) bound to values.
 *
 * Shapes are inferred anew from the bound values, so a graph with a symbolic batch gets a fixed one, and its
 * shape arithmetic folds away. The graph must be at the current opset ({@link upgradeGraph}).
 *
 * @returns every value of the graph by its original name
 */
export function inlineGraph(
  g: GraphBuilder,
  graph: Graph,
  bindings: ReadonlyMap<string, Value>,
  { prefix = "", rewrite }: InlineOptions = {},
): Map<string, Value> {
  if (opsetOf(graph) !== CURRENT_OPSET) {
    throw new ModelError(
      `internal: graph "${graph.name}" is at opset ${opsetOf(graph)}, not ${CURRENT_OPSET}.`,
    );
  }
  // A rewrite makes new names while nodes that have theirs are still to come.
  g.reserve(graph.nodes.flatMap((node) => node.outputs.map((output) => prefix + output)));
  const values = new Map(bindings);
  for (const { name } of graph.inputs) {
    if (!values.has(name))
      throw new ModelError(`internal: input "${name}" of graph "${graph.name}" is not bound.`);
  }
  for (const [name, value] of graph.initializers) if (!values.has(name)) values.set(name, g.constant(value));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? null : values.get(name)!));
    const { domain, name } = node;
    const options = {
      domain,
      name: name && prefix + name,
      outputs: node.outputs.map((o) => (o === "" ? "" : prefix + o)),
    };
    let outputs: readonly Value[];
    try {
      outputs = rewrite?.(g, node, inputs) ?? g.op(node.opType, inputs, node.attributes, options);
    } catch (cause) {
      if (cause instanceof AlignregError) throw cause;
      // Damaged files have nodes of the wrong arity, of mixed types, without attributes.
      throw new ModelError(
        `${describeNode(node)} cannot be understood: ${(cause as Error).message}. If the file is not damaged, this is a ` +
          `bug in alignreg; please report it.`,
        { cause },
      );
    }
    node.outputs.forEach((output, i) => {
      if (output !== "" && outputs[i]) values.set(output, outputs[i]);
    });
  }
  return values;
}

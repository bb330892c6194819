import { type Tensor, tensor } from "../../tensor/index.ts";
import { type Attribute, type Attributes, floatAttribute, intsAttribute } from "../attribute.ts";
import type { GraphNode } from "../graph.ts";
import { int64Of } from "../int64.ts";

export interface Context {
  /** Adds a constant and returns its name. */
  constant(value: Tensor): string;
  /** A new value name. */
  fresh(): string;
}

/** Turns a node of an older form into nodes of the newer one. */
export type Upgrade = (node: GraphNode, context: Context) => GraphNode[];

/**
 * Attributes became inputs, as their values may since depend on data. They go after the first input, in the
 * given order; those that are absent are left out.
 */
export const attributesToInputs =
  (...keys: readonly string[]): Upgrade =>
  (node, context) => {
    const inputs = keys.map((key) => {
      const value = node.attributes[key];
      if (value === undefined) return "";
      return context.constant(
        Array.isArray(value)
          ? int64s(intsAttribute(node, key))
          : tensor("float32", [], Float32Array.of(floatAttribute(node, key))),
      );
    });
    const attributes = keys.reduce(without, node.attributes);
    return [{ ...node, inputs: [node.inputs[0], ...inputs], attributes }];
  };

export const int64s = (values: readonly number[]): Tensor =>
  tensor("int64", [values.length], BigInt64Array.from(values, int64Of));

/** One of the nodes that stand in for `node`. */
export const step = (
  node: GraphNode,
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): GraphNode => ({
  opType,
  domain: "",
  name: `${node.name}/${output}`,
  inputs,
  outputs: [output],
  attributes,
  ...(node.metadata && { metadata: node.metadata }),
});

export const without = (attributes: Attributes, key: string): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(attributes).filter(([k]) => k !== key));

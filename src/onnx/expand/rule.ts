import { describeNode } from "../attribute.ts";
import type { Operators } from "../operators.ts";
import { UnsupportedOpError } from "../errors.ts";
import type { InferenceNode } from "../infer/rule.ts";
import type { Value } from "../value.ts";

/** Adds the nodes that compute what an operator does, and returns its outputs. @throws ShapeError, ModelError */
export type Expansion = (g: Operators, node: InferenceNode) => readonly Value[];

/** The error for a form of an operator that is not written out here. */
export const formError = (node: InferenceNode, form: string, advice: string): UnsupportedOpError =>
  new UnsupportedOpError(`${describeNode(node)} ${form}, which is not supported here. ${advice}`, {
    opType: node.opType,
    node: node.name,
  });

import type { GraphBuilder, InferenceNode, Value } from "../onnx/index.ts";

/** A node as a gradient rule sees it. An omitted optional input is missing from the end, or null in the middle. */
export interface RuleNode extends InferenceNode {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/**
 * The backward pass of one operator: emits nodes that turn the gradients of its outputs into those of its inputs.
 *
 * - `dys` has one gradient per output, each of that output's shape (zeros where the loss does not use it).
 * - The result has one entry per input; null, or none at the end, says "not differentiable in this input".
 * - A gradient may have the shape that the input was broadcast to: the driver sums it down.
 * - Emitting a gradient that nobody needs is free: unused nodes never reach the graph.
 */
export type GradientRule = (g: GraphBuilder, node: RuleNode, dys: readonly Value[]) => (Value | null)[];

/** A row of the rule table; `docs/operators.md` is generated from these. */
export interface RuleEntry {
  readonly rule: GradientRule;
  /** The differentiable inputs, where these are not all: "x, scale, bias". */
  readonly inputs?: string;
  /** The choice made at a kink or tie, or a limit; one line. */
  readonly note?: string;
}

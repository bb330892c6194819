import type { GraphBuilder, InferenceNode, Value } from "../onnx/index.ts";

/** A semantic node to be lowered; all of its inputs are given. */
export interface SemanticNode extends InferenceNode {
  readonly inputs: readonly Value[];
}

/** Emits ONNX operators that compute one semantic node, and returns its outputs. */
export type Lowering = (g: GraphBuilder, node: SemanticNode) => readonly Value[];

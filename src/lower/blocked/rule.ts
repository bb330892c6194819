import type { GraphNode, InferenceNode, Value } from "../../onnx/index.ts";
import type { Layouts } from "./layouts.ts";

/** A node to be lowered into blocked memory; all of its inputs are given. */
export interface BlockedNode extends InferenceNode {
  readonly inputs: readonly Value[];
  /** Their names in the graph that is lowered. */
  readonly outputs: readonly string[];
  /** Nodes that read each output. */
  readonly readers: readonly (readonly GraphNode[])[];
}

/** What the rules of one graph share. */
export interface BlockedContext {
  readonly layouts: Layouts;
  /** Images less their channels' means, by the name of the images. */
  readonly centred: Map<string, Value>;
  /** What both gradients of a Winograd convolution need, by the gradient of its output and its map. */
  readonly tiles: Map<string, readonly Value[]>;
  /** Nodes that read a value of the graph that is lowered; a graph output counts as one more reader. */
  readonly readersOf: (output: string) => readonly GraphNode[];
}

/** Emits what computes a node in blocked memory and returns its outputs, or null where plain memory is as good. */
export type BlockedRule = (context: BlockedContext, node: BlockedNode) => readonly Value[] | null;

/** True when one node alone reads the first output, so that it may wait to be fused with that. */
export const isReadOnce = ({ readers: [first] }: BlockedNode): boolean => first.length === 1;

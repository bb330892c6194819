import { type Graph, type GraphNode, capturedNames } from "../onnx/index.ts";

/** The nodes that read each value, those too whose branches do. */
export function readersOf({ nodes }: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of [...node.inputs, ...capturedNames(node)])
      readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return readers;
}

/** Whether a node is that operator of ONNX's own. */
export const isStandard = (node: GraphNode, opType: string): boolean =>
  node.domain === "" && node.opType === opType;

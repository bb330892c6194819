/** What may be done with a convolution because its readers pool it. */
import type { GraphNode } from "../../onnx/index.ts";
import { isTilingPool } from "./pooling.ts";
import type { BlockedContext } from "./rule.ts";

type Context = Pick<BlockedContext, "readersOf">;

/**
 * The max poolings of a map whose windows tile it, where nothing but them and their gradients reads the map or rows of it, and
 * nobody asks where the maxima are; else null.
 */
export function poolsOf(context: Context, map: string, size: readonly number[]): readonly GraphNode[] | null {
  const readers = readersOf(context, map);
  const isPooled = readers.every((node) => isTilingPool(node, size) && node.outputs.length === 1);
  const pools = readers.filter(({ opType }) => opType === "MaxPool");
  return isPooled && pools.length > 0 ? pools : null;
}

/**
 * Whether ReLU follows each of the poolings, and nothing else does but their gradients. ReLU may then come before them, which the
 * convolution makes on its way: the maxima are the same where they are positive, and elsewhere no gradient arrives.
 */
export const isRectified = (context: Context, pools: readonly GraphNode[]): boolean =>
  pools.every(({ outputs: [largest] }) => {
    const readers = readersOf(context, largest).map(({ opType }) => opType);
    return readers.includes("Relu") && readers.every((type) => type === "Relu" || type === "MaxPoolGrad");
  });

/** The nodes that read a value, or rows of it. */
const readersOf = (context: Context, name: string): readonly GraphNode[] =>
  context
    .readersOf(name)
    .flatMap((node) => (node.opType === "Gather" ? readersOf(context, node.outputs[0]) : [node]));

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
  const pools: GraphNode[] = [];
  const isPooled = readersOf(context, map).every(({ node, input }) => {
    if (node.opType === "MaxPool") pools.push(node);
    const isOfMap = input === (node.opType === "MaxPool" ? 0 : 1);
    return isTilingPool(node, size) && isOfMap && node.outputs.length === 1;
  });
  return isPooled && pools.length > 0 ? pools : null;
}

/**
 * Whether ReLU follows each of the poolings, and nothing else does but their gradients. ReLU may then come before them, which the
 * convolution makes on its way: the maxima are the same where they are positive, and elsewhere no gradient arrives.
 */
export const isRectified = (context: Context, pools: readonly GraphNode[]): boolean =>
  pools.every(({ outputs: [y] }) => {
    const readers = readersOf(context, y);
    const isRelu = ({ node }: Reader) => node.opType === "Relu";
    const isGradient = ({ node, input }: Reader) => node.opType === "MaxPoolGrad" && input === 2;
    return readers.some(isRelu) && readers.every((reader) => isRelu(reader) || isGradient(reader));
  });

/** A node that reads a value, or rows of it, as its input of this number. */
interface Reader {
  readonly node: GraphNode;
  readonly input: number;
}

function readersOf(context: Context, name: string): Reader[] {
  return context.readersOf(name).flatMap((node) => {
    const input = node.inputs.indexOf(name);
    return node.opType === "Gather" && input === 0 ? readersOf(context, node.outputs[0]) : [{ node, input }];
  });
}

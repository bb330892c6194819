import { type Value, intAttribute, reducedAxes } from "../../onnx/index.ts";
import type { Layouts } from "./layouts.ts";
import type { BlockedRule } from "./rule.ts";

/** Σ over space, [N, C, H, W] -> [N, C] plain. */
export function spatialSum(layouts: Layouts, x: Value): Value {
  const held = layouts.held(x);
  const smaller = held?.kind === "phases" || held?.kind === "blocked" ? held.sameSums : undefined;
  const source = smaller ?? layouts.blocked(x);
  return overSpace(layouts, source, "ReduceSum");
}

/** Σ over batch and space, [N, C, H, W] -> [C]; the spatial axes first, in which memory is contiguous. */
export const channelSum = (layouts: Layouts, x: Value): Value => layouts.g.sum(spatialSum(layouts, x), [0]);

function overSpace({ g, block: b }: Layouts, blocked: Value, opType: string): Value {
  const [n, c, h, w] = blocked.shape;
  const lines = g.reshape(blocked, [n, c / b, h * w, b]);
  return g.reshape(g.op1(opType, [lines, g.ints([2])], { keepdims: 0 }), [n, c]);
}

const reductions = new Set(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"]);

/** Reductions over space. */
export const reduce: BlockedRule = ({ layouts }, node) => {
  const [x] = node.inputs;
  if (!reductions.has(node.opType) || !layouts.isBlocked(x) || reducedAxes(node).join() !== "2,3")
    return null;
  const [n, c] = x.shape;
  const made =
    node.opType === "ReduceSum"
      ? spatialSum(layouts, x)
      : overSpace(layouts, layouts.blocked(x), node.opType);
  return [intAttribute(node, "keepdims", 1) === 1 ? layouts.g.reshape(made, [n, c, 1, 1]) : made];
};

/** A map of one pixel lies in blocks as it lies plain. */
const global =
  (opType: string): BlockedRule =>
  ({ layouts }, { inputs: [x] }) => {
    if (!layouts.isBlocked(x)) return null;
    return [
      layouts.g.reshape(overSpace(layouts, layouts.blocked(x), opType), [...x.shape.slice(0, 2), 1, 1]),
    ];
  };

export const globalAveragePool = global("ReduceMean");
export const globalMaxPool = global("ReduceMax");

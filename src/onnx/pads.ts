import { ShapeError, normalizeAxis } from "../tensor/index.ts";
import { describeNode } from "./attribute.ts";
import { type InferenceNode, constantNumbers, required } from "./infer/rule.ts";

/** How many elements Pad (opset 18 form) puts before and after each axis of its input; negative ones crop. */
export function padsByAxis(node: InferenceNode): { before: number[]; after: number[] } {
  const rank = required(node, 0).shape.length;
  const pads = constantNumbers(node, 1) ?? [];
  const axes =
    constantNumbers(node, 3)?.map((a) => normalizeAxis(a, rank)) ?? Array.from({ length: rank }, (_, a) => a);
  if (pads.length !== 2 * axes.length) {
    throw new ShapeError(
      `${describeNode(node)}: ${axes.length} axes need ${2 * axes.length} pads, got [${pads}].`,
    );
  }
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    before[axis] = pads[i];
    after[axis] = pads[i + axes.length];
  });
  return { before, after };
}

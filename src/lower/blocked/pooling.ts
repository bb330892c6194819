import {
  type GraphBuilder,
  type GraphNode,
  type Value,
  intsAttribute,
  resolveWindow,
  stringAttribute,
} from "../../onnx/index.ts";
import { isMaximum } from "../../autodiff/index.ts";
import { allEqual, product } from "../conv-window.ts";
import type { Layouts } from "./layouts.ts";
import { maxPool as blockedMaxPool } from "./operators.ts";
import type { BlockedNode, BlockedRule } from "./rule.ts";

/** Whether a node is a max pooling, or its gradient, whose windows tile a map of this size. */
export function isTilingPool(
  node: Pick<GraphNode, "opType" | "name" | "attributes">,
  map: readonly number[],
): boolean {
  if (node.opType !== "MaxPool" && node.opType !== "MaxPoolGrad") return false;
  const kernel = intsAttribute(node, "kernel_shape");
  return (
    kernel.length === 2 &&
    product(kernel) > 1 &&
    kernel.join() === intsAttribute(node, "strides", [1, 1]).join() &&
    allEqual(intsAttribute(node, "dilations", [1]), 1) &&
    allEqual(intsAttribute(node, "pads", [0]), 0) &&
    ["NOTSET", "VALID"].includes(stringAttribute(node, "auto_pad", "NOTSET")) &&
    kernel.every((k, axis) => map[axis] % k === 0)
  );
}

/** MaxPool: of windows that tile the map, as the largest of its phases. */
export const maxPool: BlockedRule = ({ layouts }, node) => {
  const [x] = node.inputs;
  if (node.outputCount > 1 || !layouts.isBlocked(x)) return null;
  if (isTilingPool(node, x.shape.slice(2)))
    return [layouts.holdBlocked(largest(layouts.g, phasesOf(layouts, node, x)))];
  const { kernel, strides, dilations, pads } = resolveWindow(
    node,
    x.shape.slice(2),
    intsAttribute(node, "kernel_shape"),
  );
  if (node.attributes.ceil_mode === 1) return null;
  const window = { kernel_shape: kernel, strides, dilations, pads };
  return [layouts.holdBlocked(blockedMaxPool(layouts.g, layouts.blocked(x), window))];
};

/**
 * dX of MaxPool whose windows tile the map: each phase takes its share of what the ones before left; the first that
 * equals y takes it all.
 *
 *   r0 = dy,  dXi = ri·[Xi = Y],  r(i+1) = ri − dXi;  the last phase gets what is left
 */
export const maxPoolGrad: BlockedRule = ({ layouts }, node) => {
  const { g } = layouts;
  const [dy, x, y] = node.inputs;
  if (!layouts.isBlocked(x) || !layouts.canBlock(x) || !isTilingPool(node, x.shape.slice(2))) return null;
  const largestOf = layouts.blocked(y);
  let rest = layouts.blocked(dy);
  const sameSums = rest;
  const shares = phasesOf(layouts, node, x)
    .slice(0, -1)
    .map((phase) => {
      const share = g.mul(rest, isMaximum(g, phase, largestOf));
      rest = g.sub(rest, share);
      return share;
    });
  const stride = intsAttribute(node, "kernel_shape") as [number, number];
  return [layouts.hold({ kind: "phases", stride, parts: [...shares, rest], sameSums }, x)];
};

/** The phases of x by the node's window. */
function phasesOf(layouts: Layouts, node: BlockedNode, x: Value): readonly Value[] {
  const stride = intsAttribute(node, "kernel_shape");
  const held = layouts.held(x);
  // A phase that is zero everywhere comes of gradients alone, which nobody pools.
  if (held?.kind === "phases" && held.stride.join() === stride.join()) return held.parts as readonly Value[];
  return split(layouts, x, stride);
}

function split(layouts: Layouts, x: Value, [rows, columns]: readonly number[]): Value[] {
  const { g, block: b } = layouts;
  const [n, c, h, w] = x.shape;
  const [height, width] = [h / rows, w / columns];
  const lines = g.reshape(layouts.blocked(x), [n * (c / b) * height, rows, w * b]);
  const evenly = (count: number) => Array<number>(count).fill(1);
  return g
    .split(lines, evenly(rows), 1)
    .flatMap((line) =>
      g
        .split(g.reshape(line, [n * (c / b) * height * width, columns, b]), evenly(columns), 1)
        .map((pixels) => g.reshape(pixels, [n, c, height, width])),
    );
}

/** In pairs: one Max of four takes three times as long as three of two. */
function largest(g: GraphBuilder, parts: readonly Value[]): Value {
  if (parts.length === 1) return parts[0];
  const half = Math.ceil(parts.length / 2);
  return g.op1("Max", [largest(g, parts.slice(0, half)), largest(g, parts.slice(half))]);
}

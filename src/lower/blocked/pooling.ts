import {
  type GraphNode,
  type Value,
  intsAttribute,
  resolveWindow,
  stringAttribute,
} from "../../onnx/index.ts";
import { float32, sizeOf } from "../../tensor/index.ts";
import { allEqual, product } from "../conv-window.ts";
import type { Layouts } from "./layouts.ts";
import { inTurns, repeatedPhase } from "./repeatable.ts";
import { conv, maxPool as blockedMaxPool } from "./operators.ts";
import type { BlockedRule } from "./rule.ts";

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

export const maxPool: BlockedRule = ({ layouts }, node) => {
  const [x] = node.inputs;
  if (node.outputCount > 1 || node.attributes.ceil_mode === 1 || !layouts.isBlocked(x)) return null;
  const { kernel, strides, dilations, pads } = resolveWindow(
    node,
    x.shape.slice(2),
    intsAttribute(node, "kernel_shape"),
  );
  const window = { kernel_shape: kernel, strides, dilations, pads };
  const { g } = layouts;
  const held = layouts.held(x);
  const isRectified = layouts.isRectified(x);
  const value =
    held?.kind === "repeatable"
      ? inTurns(g, held.call, sizeOf(x.shape), (map) => blockedMaxPool(g, map, window))
      : blockedMaxPool(g, layouts.blocked(x), window);
  return [layouts.hold({ kind: "blocked", value, isRectified }, value)];
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
  const spatial = x.shape.slice(2);
  if (!layouts.isBlocked(x) || !layouts.canBlock(x) || !isTilingPool(node, spatial)) return null;
  const largest = layouts.blocked(y);
  const stride = intsAttribute(node, "kernel_shape") as [number, number];
  const held = layouts.held(x);
  const mask = (phase: number): Value =>
    held?.kind === "repeatable"
      ? isLargest(layouts, repeatedPhase(g, held.call, stride, phase), largest)
      : isLargestInMap(layouts, layouts.blocked(x), largest, stride, phase);
  let rest = layouts.blocked(dy);
  const sameSums = rest;
  const shares = Array.from({ length: product(stride) - 1 }, (_, phase) => {
    const share = g.mul(rest, mask(phase));
    rest = g.sub(rest, share);
    return share;
  });
  return [layouts.hold({ kind: "phases", stride, parts: [...shares, rest], sameSums }, x)];
};

/**
 * 1 where x is y, 0 where it is less: a step function of x − y, which a depthwise convolution makes on its way, in one pass. Numbers
 * closer than 3e-39 count as the same.
 */
const isLargest = ({ g }: Layouts, x: Value, y: Value): Value =>
  conv(g, {
    x: y,
    w: g.full([y.shape[1], 1, 1, 1], -1, y.dtype),
    sum: x,
    group: y.shape[1],
    activation: { alpha: 3e38, beta: 1 },
  });

/** The same for one phase of the map x, which the kernel picks. */
function isLargestInMap(
  { g, block: b }: Layouts,
  x: Value,
  y: Value,
  [rows, columns]: readonly [number, number],
  phase: number,
): Value {
  const channels = y.shape[1];
  const shape = [channels, 1, rows, columns];
  const pick = Float32Array.from({ length: sizeOf(shape) }, (_, at) =>
    Math.floor(at / b) % (rows * columns) === phase ? -1 : 0,
  );
  return conv(g, {
    x,
    w: g.constant(float32(shape, pick)),
    sum: y,
    strides: [rows, columns],
    group: channels,
    activation: { alpha: -3e38, beta: 1 },
  });
}

import { type Value, intAttribute, intsAttribute, resolveWindow } from "../../onnx/index.ts";
import { allEqual, convWindow } from "../conv-window.ts";
import { directly } from "./direct.ts";
import { type ConvCall, conv } from "./operators.ts";
import { isRectified, poolsOf } from "./pooled.ts";
import { isRepeatable } from "./repeatable.ts";
import { type BlockedContext, type BlockedNode, type BlockedRule, isReadOnce } from "./rule.ts";
import { backwardWeight, forwardWeight } from "./weights.ts";
import { winograd, winogradGradInput, winogradMap } from "./winograd/index.ts";

/** Conv with whole blocks of output channels, and of input channels or fewer of those than one block. */
export const convolution: BlockedRule = (context, node) => {
  const { layouts } = context;
  const { block } = layouts;
  const [x, w, bias = null] = node.inputs as readonly (Value | undefined)[];
  if (!x || !w || !layouts.canBlock({ dtype: w.dtype, shape: [1, w.shape[0], 1, 1] }) || w.shape.length !== 4)
    return null;
  const group = intAttribute(node, "group", 1);
  const { strides, dilations, pads, output } = resolveWindow(node, x.shape.slice(2), w.shape.slice(2));
  const shape = [x.shape[0], w.shape[0], ...output];
  const like = { dtype: x.dtype, shape };
  if (group > 1) return depthwise(context, node, { strides, dilations, pads, group });
  const fewInputs = x.shape[1] < block;
  if (!fewInputs && x.shape[1] % block !== 0) return null;
  const pools = poolsOf(context, node.outputs[0], output);
  const finish = { bias, ...(pools && isRectified(context, pools) && { activation: "Relu" as const }) };
  const window = { strides, dilations, pads };
  const map = winogradMap(w.shape, { ...window, output, spatial: x.shape.slice(2) }, "forward");
  if (map)
    return [layouts.holdPending({ make: winograd(context, x, w, map), finish }, like, isReadOnce(node))];
  const images = fewInputs ? layouts.plain(x) : layouts.blocked(x);
  const call = { x: images, w: forwardWeight(layouts, w), ...window };
  if (pools && allEqual([...strides, ...dilations], 1) && isRepeatable(w, block))
    return [layouts.hold({ kind: "repeatable", call: { ...call, ...finish } }, like)];
  return [layouts.holdPending({ make: directly(layouts, call), finish }, like, isReadOnce(node))];
};

/** One channel in, one out, for each of C. */
function depthwise(
  { layouts }: BlockedContext,
  node: BlockedNode,
  window: Pick<ConvCall, "strides" | "dilations" | "pads" | "group">,
): Value[] | null {
  const { g, block: b } = layouts;
  const [x, w, bias] = node.inputs as readonly (Value | undefined)[];
  if (window.group !== x!.shape[1] || w!.shape[0] !== x!.shape[1]) return null;
  const [channels, , kh, kw] = w!.shape;
  const kernel = g.transpose(g.reshape(w!, [channels / b, b, kh * kw]), [0, 2, 1]);
  return [
    layouts.holdBlocked(
      conv(g, { x: layouts.blocked(x!), w: g.reshape(kernel, w!.shape), bias: bias ?? null, ...window }),
    ),
  ];
}

/** dX of Conv: convolutions of dY, one for each phase of the stride. */
export const convGradInput: BlockedRule = (context, node) => {
  const { layouts } = context;
  const { block } = layouts;
  const [dy, w] = node.inputs;
  const window = convWindow(node);
  const { kernel, strides, dilations, pads, group, rank } = window;
  const spatial = intsAttribute(node, "spatial");
  if (rank !== 2 || group !== 1 || w.shape[0] % block !== 0 || w.shape[1] % block !== 0) return null;
  if (!layouts.canBlock(dy)) return null;
  const like = { dtype: dy.dtype, shape: [dy.shape[0], w.shape[1], ...spatial] };
  const map = winogradMap(
    w.shape,
    { strides, dilations, pads, output: dy.shape.slice(2), spatial },
    "backward",
  );
  if (map) {
    const make = winogradGradInput(context, dy, w, map);
    return [layouts.holdPending({ make, finish: {} }, like, isReadOnce(node))];
  }
  const phaseOf = (axis: number): (AxisPhase | null)[] =>
    Array.from({ length: strides[axis] }, (_, offset) =>
      axisPhase(offset, {
        kernel: kernel[axis],
        stride: strides[axis],
        dilation: dilations[axis],
        pad: pads[axis],
        outputs: dy.shape[axis + 2],
        inputs: spatial[axis],
      }),
    );
  const [rows, columns] = [phaseOf(0), phaseOf(1)];
  const isCovered = [...rows, ...columns].every((phase) => !phase || phase.pads.every((p) => p >= 0));
  const isEven = spatial.every((length, axis) => length % strides[axis] === 0);
  if (!isCovered || !isEven) return null;
  if (strides.some((s) => s > 1) && dilations.some((d) => d > 1)) return null;
  const parts = rows.flatMap((row) =>
    columns.map((column) => {
      if (!row || !column) return null;
      const taps = row.taps.map((y) => column.taps.map((x) => [y, x] as const));
      return {
        x: layouts.blocked(dy),
        w: backwardWeight(layouts, w, taps),
        dilations,
        pads: [row.pads[0], column.pads[0], row.pads[1], column.pads[1]],
      } satisfies ConvCall;
    }),
  );
  if (parts.length > 1) {
    const made = parts.map((call) => call && conv(layouts.g, call));
    return [layouts.hold({ kind: "phases", stride: strides as [number, number], parts: made }, like)];
  }
  return [layouts.holdPending({ make: directly(layouts, parts[0]!), finish: {} }, like, isReadOnce(node))];
};

/** How the positions stride·i + offset of an axis follow from dY. */
interface AxisPhase {
  /** Of the forward kernel, in the order in which the backward one holds them. */
  readonly taps: readonly number[];
  /** Before and after dY's axis. */
  readonly pads: readonly [number, number];
}

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly outputs: number;
  readonly inputs: number;
}

/**
 * Position x = stride·i + offset was seen by output o at tap t where x = stride·o − pad + dilation·t. With stride 1 every tap
 * has one; else (dilation 1) those with t ≡ x + pad modulo the stride. Null where no tap has one.
 */
function axisPhase(
  offset: number,
  { kernel, stride, dilation, pad, outputs, inputs }: Axis,
): AxisPhase | null {
  const first = (offset + pad) % stride;
  const count = Math.ceil((kernel - first) / stride);
  if (count <= 0) return null;
  // Output i + shift − m·dilation saw it at tap first + m·stride.
  const shift = (offset + pad - first) / stride;
  const reach = (count - 1) * dilation;
  const positions = Math.ceil((inputs - offset) / stride);
  const before = reach - shift;
  return {
    taps: Array.from({ length: count }, (_, m) => first + (count - 1 - m) * stride),
    pads: [before, positions - outputs - before + reach],
  };
}

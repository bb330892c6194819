import { ShapeError, type Shape } from "../tensor/index.ts";
import { type Attributes, describeNode, intAttribute, intsAttribute, stringAttribute } from "./attribute.ts";

/** The sliding window of a convolution or pooling, resolved to explicit numbers for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each spatial axis, then after each, as ONNX orders them. */
  readonly pads: readonly number[];
  /** Output length of each spatial axis. */
  readonly output: readonly number[];
}

export interface WindowedNode {
  readonly opType: string;
  readonly name: string;
  readonly attributes: Attributes;
}

/**
 * Resolves strides, dilations, pads, `auto_pad` and `ceil_mode`.
 *
 * @param spatial  input lengths of the spatial axes
 * @param kernel   kernel lengths of the spatial axes
 * @throws ShapeError when the window does not fit the input
 */
export function resolveWindow(node: WindowedNode, spatial: Shape, kernel: Shape): Window {
  const ones = spatial.map(() => 1);
  const strides = intsAttribute(node, "strides", ones);
  const dilations = intsAttribute(node, "dilations", ones);
  const rank = spatial.length;
  const expected = { kernel_shape: kernel, strides, dilations };
  for (const [key, values] of Object.entries(expected)) {
    if (values.length !== rank || values.some((v) => v < 1)) {
      throw new ShapeError(
        `${describeNode(node)} has ${key} [${values}]; ${rank} spatial axes need ${rank} lengths of at least 1.`,
      );
    }
  }
  const extent = kernel.map((k, i) => (k - 1) * dilations[i] + 1);
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  let pads = intsAttribute(node, "pads", new Array<number>(2 * rank).fill(0));
  if (pads.length !== 2 * rank) {
    throw new ShapeError(`${describeNode(node)} has pads [${pads}]; ${rank} spatial axes need ${2 * rank}.`);
  }
  if (autoPad === "VALID") pads = pads.map(() => 0);
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const total = spatial.map((n, i) =>
      Math.max((Math.ceil(n / strides[i]) - 1) * strides[i] + extent[i] - n, 0),
    );
    const small = total.map((t) => Math.floor(t / 2));
    const large = total.map((t) => Math.ceil(t / 2));
    pads = autoPad === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
  }
  const ceilMode = intAttribute(node, "ceil_mode", 0) === 1;
  const output = spatial.map((n, i) => {
    const span = n + pads[i] + pads[i + rank] - extent[i];
    if (span < 0) {
      throw new ShapeError(
        `${describeNode(node)}: a window of ${extent[i]} does not fit spatial axis ${i} of length ${n} ` +
          `with padding ${pads[i]} and ${pads[i + rank]}.`,
      );
    }
    if (!ceilMode) return Math.floor(span / strides[i]) + 1;
    const count = Math.ceil(span / strides[i]) + 1;
    // A window that would start in the padding after the input is left out.
    return (count - 1) * strides[i] >= n + pads[i] ? count - 1 : count;
  });
  return { kernel, strides, dilations, pads, output };
}

/**
 * The pads with which a window rounded down has the same output: what `ceil_mode` added becomes padding at the end.
 */
export function padsWithoutCeil(
  { kernel, strides, dilations, pads, output }: Window,
  spatial: Shape,
): number[] {
  const rank = spatial.length;
  const reach = (i: number) => (output[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
  return [...pads.slice(0, rank), ...spatial.map((n, i) => Math.max(pads[i + rank], reach(i) - n - pads[i]))];
}

/** The window as explicit attributes (no `auto_pad`). */
export const windowAttributes = ({ kernel, strides, dilations, pads }: Window) => ({
  kernel_shape: kernel,
  strides,
  dilations,
  pads,
});

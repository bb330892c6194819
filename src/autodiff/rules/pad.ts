import { UnsupportedOpError, describeNode, padsByAxis, stringAttribute } from "../../onnx/index.ts";
import { type AxisMap, transposedAxisMap } from "../axis-map.ts";
import type { GradientRule } from "../rule.ts";

/** Where position i (from −before to beyond the end) of a padded axis of n elements reads from. */
const sources: Readonly<Record<string, (i: number, n: number) => number>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  wrap: (i, n) => modulo(i, n),
  /** Mirrored at the first and the last element, which are not repeated. */
  reflect: (i, n) => {
    const period = Math.max(2 * (n - 1), 1);
    const at = modulo(i, period);
    return Math.min(at, period - at);
  },
};

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

/**
 * y = x between constants: dx is the inner part of dy. Negative pads crop, so their gradient is padded with zeros.
 * Between copies of its own elements (reflect, edge, wrap), each dy goes to the element that was copied.
 */
export const pad: GradientRule = (g, node, [dy]) => {
  const { shape } = node.inputs[0];
  const { before, after } = padsByAxis(node);
  const mode = stringAttribute(node, "mode", "constant");
  if (mode === "constant")
    return [
      g.pad(
        dy,
        [...before, ...after].map((p) => -p),
      ),
    ];
  const source = sources[mode];
  if (!source) {
    throw new UnsupportedOpError(
      `${describeNode(node)} pads by "${mode}", which has no gradient rule. ` +
        `Pad by one of constant, ${Object.keys(sources).join(", ")}.`,
      { opType: node.opType, node: node.name },
    );
  }
  const dx = shape.reduce((d, size, axis) => {
    // Cropping comes first: what is cut off is not copied.
    const skipped = Math.max(-before[axis], 0);
    const kept = size - skipped - Math.max(-after[axis], 0);
    const start = Math.max(before[axis], 0);
    const map: AxisMap = Array.from({ length: dy.shape[axis] }, (_, o) => [
      { from: skipped + source(o - start, kept), weight: 1 },
    ]);
    return transposedAxisMap(g, d, axis, map, size);
  }, dy);
  return [dx];
};

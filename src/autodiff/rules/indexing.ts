/** Operators that pick elements: their gradient goes back to where they were picked, and is 0 elsewhere. */
import {
  type GraphBuilder,
  type SlicedAxis,
  type Value,
  intAttribute,
  slicedAxes,
} from "../../onnx/index.ts";
import { normalizeAxis, sizeOf } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";

/** y = x[start:end:step] on some axes: dx is dy spread out among zeros. */
export const slice: GradientRule = (g, node, [dy]) => {
  const [x] = node.inputs;
  const axes = slicedAxes(node);
  if (sizeOf(dy.shape) === 0) return [g.full(x.shape, 0, x.dtype)];
  const rank = x.shape.length;
  const pads = new Array<number>(2 * rank).fill(0);
  for (const { axis, start, step, length } of axes) {
    if (step !== 1) continue;
    pads[axis] = start;
    pads[axis + rank] = x.shape[axis] - start - length;
  }
  const strided = axes.filter(({ step }) => step !== 1);
  return [strided.reduce((d, axis) => spread(g, d, axis, x.shape[axis.axis]), g.pad(dy, pads))];
};

/**
 * The gradient of a strided slice along one axis: with a row of zeros after the last, every position of x reads
 * either its own row of dy or that one.
 */
function spread(g: GraphBuilder, dy: Value, { axis, start, step, length }: SlicedAxis, size: number): Value {
  const rank = dy.shape.length;
  const oneAfter = Array.from({ length: 2 * rank }, (_, i) => (i === axis + rank ? 1 : 0));
  const rows = new Array<number>(size).fill(length);
  for (let i = 0; i < length; i++) rows[start + i * step] = i;
  return g.gather(g.pad(dy, oneAfter), g.ints(rows), axis);
}

/** y = x taken at whole rows along an axis: each row of dy is added to the row it came from. */
export const gather: GradientRule = (g, node, [dy]) => {
  const [x, indices] = node.inputs;
  const axis = normalizeAxis(intAttribute(node, "axis", 0), x.shape.length);
  const count = sizeOf(indices.shape);
  const rows = x.shape.with(axis, count);
  const aligned = x.shape.map((_, i) => (i === axis ? count : 1));
  return [scatterAdd(g, x, g.expand(g.reshape(indices, aligned), rows), g.reshape(dy, rows), axis)];
};

/** y = x taken element by element along an axis. */
export const gatherElements: GradientRule = (g, node, [dy]) => {
  const [x, indices] = node.inputs;
  const axis = normalizeAxis(intAttribute(node, "axis", 0), x.shape.length);
  return [scatterAdd(g, x, indices, dy, axis)];
};

/** Zeros like x, with dy added at `indices` (of dy's shape; negative ones count from the end) along an axis. */
const scatterAdd = (g: GraphBuilder, x: Value, indices: Value, dy: Value, axis: number): Value =>
  g.op1("ScatterElements", [g.full(x.shape, 0, x.dtype), indices, dy], { axis, reduction: "add" });

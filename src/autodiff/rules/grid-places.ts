/** Where GridSample reads, and how what flows back is put there: for its rules of two axes. */
import { type GraphBuilder, type Value, intAttribute, stringAttribute } from "../../onnx/index.ts";
import { type Shape, int64, sizeOf } from "../../tensor/index.ts";
import type { RuleNode } from "../rule.ts";

const alignsCorners = (node: RuleNode): boolean => intAttribute(node, "align_corners", 0) === 1;

/** One coordinate of every place, [N, 1, P], in pixels: −1 … 1 are the centres of the outer pixels (align_corners) or their edges. */
export function unnormalized(
  g: GraphBuilder,
  node: RuleNode,
  grid: Value,
  axis: number,
  size: number,
): Value {
  const [samples] = grid.shape;
  const places = sizeOf(grid.shape.slice(1, -1));
  const column = g.slice(grid, [{ axis: 3, start: axis, end: axis + 1 }]);
  const half = g.scale(g.add(g.reshape(column, [samples, 1, places]), g.scalar(1)), perUnit(node, size));
  return alignsCorners(node) ? half : g.sub(half, g.scalar(0.5));
}

/** Pixels that a grid's unit spans. */
export const perUnit = (node: RuleNode, size: number): number =>
  alignsCorners(node) ? (size - 1) / 2 : size / 2;

/** Where a coordinate is read after the padding mode has moved it, and how fast that changes with the grid. */
export function moved(
  g: GraphBuilder,
  node: RuleNode,
  pixels: Value,
  size: number,
): { readonly place: Value; readonly slope: Value } {
  const mode = stringAttribute(node, "padding_mode", "zeros");
  const slope = g.scalar(perUnit(node, size));
  if (mode === "zeros") return { place: pixels, slope };
  const turned =
    mode === "reflection" ? reflected(g, node, pixels, size) : { place: pixels, sign: g.scalar(1) };
  const place = g.op1("Clip", [turned.place, g.scalar(0), g.scalar(size - 1)]);
  const isFree = g.op1("And", [
    g.greater(turned.place, g.scalar(0)),
    g.op1("Less", [turned.place, g.scalar(size - 1)]),
  ]);
  return { place, slope: g.mul(g.mul(slope, turned.sign), g.cast(isFree, "float32")) };
}

/** Mirrored at the outer pixels' centres (align_corners) or edges, as often as it takes; −1 where that turned the direction. */
function reflected(
  g: GraphBuilder,
  node: RuleNode,
  pixels: Value,
  size: number,
): { readonly place: Value; readonly sign: Value } {
  const low = alignsCorners(node) ? 0 : -0.5;
  const span = alignsCorners(node) ? size - 1 : size;
  if (span === 0) return { place: g.scale(pixels, 0), sign: g.scalar(0) };
  const from = g.sub(pixels, g.scalar(low));
  const length = g.op1("Abs", [from]);
  const flips = g.op1("Floor", [g.scale(length, 1 / span)]);
  const rest = g.sub(length, g.scale(flips, span));
  const isOdd = g.greater(g.sub(flips, g.scale(g.op1("Floor", [g.scale(flips, 0.5)]), 2)), g.scalar(0.5));
  const [one, minusOne] = [g.scalar(1), g.scalar(-1)];
  return {
    place: g.add(g.where(isOdd, g.sub(g.scalar(span), rest), rest), g.scalar(low)),
    sign: g.mul(g.where(isOdd, minusOne, one), g.where(g.op1("Less", [from, g.scalar(0)]), minusOne, one)),
  };
}

/** A pixel of whole coordinates: its place in [H·W], int64 [N, 1, P], and 1 where it is inside the image, else 0. */
export function pixelAt(
  g: GraphBuilder,
  column: Value,
  row: Value,
  [, , height, width]: Shape,
): { readonly index: Value; readonly inside: Value } {
  const clipped = (place: Value, size: number) => g.op1("Clip", [place, g.scalar(0), g.scalar(size - 1)]);
  const [x, y] = [clipped(column, width), clipped(row, height)];
  const inside = g.op1("And", [g.equal(x, column), g.equal(y, row)]);
  const index = g.add(g.mul(g.cast(y, "int64"), g.ints([width])), g.cast(x, "int64"));
  return { index, inside: g.cast(inside, "float32") };
}

export interface Update {
  /** int64 [N, 1, P] in 0 … H·W − 1. */
  readonly index: Value;
  /** [N, C, P] */
  readonly update: Value;
}

/** From so many channels on, adding rows of them is faster than adding elements. */
const ROWS_FROM = 8;

/** Zeros of the images' shape with every update added where it belongs. */
export function scattered(g: GraphBuilder, shape: Shape, updates: readonly Update[]): Value {
  const [samples, channels, height, width] = shape;
  const size = height * width;
  const all = g.concat(
    updates.map(({ update }) => update),
    2,
  );
  const index = g.concat(
    updates.map((each) => each.index),
    2,
  );
  if (channels < ROWS_FROM) {
    const zeros = g.full([samples, channels, size], 0);
    const indices = g.expand(index, all.shape);
    const added = g.op1("ScatterElements", [zeros, indices, all], { axis: 2, reduction: "add" });
    return g.reshape(added, shape);
  }
  const first = g.constant(
    int64(
      Array.from({ length: samples }, (_, n) => n * size),
      [samples, 1, 1],
    ),
  );
  const count = samples * all.shape[2];
  const rows = g.reshape(g.transpose(all, [0, 2, 1]), [count, channels]);
  const places = g.reshape(g.add(index, first), [count, 1]);
  const added = g.op1("ScatterND", [g.full([samples * size, channels], 0), places, rows], {
    reduction: "add",
  });
  return g.reshape(g.transpose(g.reshape(added, [samples, size, channels]), [0, 2, 1]), shape);
}

import {
  type GraphBuilder,
  UnsupportedOpError,
  type Value,
  describeNode,
  intAttribute,
  stringAttribute,
} from "../../onnx/index.ts";
import { type Shape, int64, sizeOf } from "../../tensor/index.ts";
import type { GradientRule, RuleNode } from "../rule.ts";

/**
 * Y[n, c, p] = Σ over the corners k around the place (ix, iy) of grid[n, p] of w_k·X[n, c, k]   (GridSample-20, two axes)
 *
 * with w the bilinear weights (1 − |ix − x_k|)·(1 − |iy − y_k|), and X read as 0 outside ("zeros"), or the place first moved to
 * the edge ("border") or mirrored ("reflection").
 *
 *   dX[n, c, k]     += w_k·dY[n, c, p]                                a scatter of four corners
 *   d grid[n, p, x]  = sx·Σ_c dY[n, c, p]·((X₁₀ − X₀₀)(1 − fy) + (X₁₁ − X₀₁)·fy)   and so for y
 *
 * with sx = (W − 1)/2 (align_corners) or W/2, its sign turned where the place was mirrored, and 0 where it was moved to an
 * edge. "nearest" reads one place: dX alone. Kinks, as in PyTorch: between two pixels the place belongs to the pixel before
 * it; at an edge that places are moved to the grid has no gradient.
 */
export const gridSample: GradientRule = (g, node, [dy]) => {
  const [x, grid] = node.inputs;
  const mode = stringAttribute(node, "mode", "linear");
  if (x.shape.length !== 4 || (mode !== "linear" && mode !== "nearest")) {
    throw new UnsupportedOpError(
      `${describeNode(node)} samples ${x.shape.length - 2} axes by "${mode}", which has no gradient rule. ` +
        `Sample images by "linear" or "nearest", or freeze the parameters before it.`,
      { opType: node.opType, node: node.name },
    );
  }
  const [, , height, width] = x.shape;
  const flat = g.reshape(dy, [dy.shape[0], dy.shape[1], sizeOf(dy.shape.slice(2))]);
  const across = unnormalized(g, node, grid, 0, width);
  const down = unnormalized(g, node, grid, 1, height);
  if (mode === "nearest") {
    // ONNX Runtime rounds, then moves what is outside.
    const [px, py] = [
      moved(g, node, g.op1("Round", [across]), width),
      moved(g, node, g.op1("Round", [down]), height),
    ];
    const pixel = pixelAt(g, px.place, py.place, x.shape);
    return [scattered(g, x.shape, [{ index: pixel.index, update: g.mul(flat, pixel.inside) }]), null];
  }
  const [px, py] = [moved(g, node, across, width), moved(g, node, down, height)];
  const [left, top] = [g.op1("Floor", [px.place]), g.op1("Floor", [py.place])];
  const [fx, fy] = [g.sub(px.place, left), g.sub(py.place, top)];
  const one = g.scalar(1);
  const [gx, gy] = [g.sub(one, fx), g.sub(one, fy)];
  const [right, bottom] = [g.add(left, one), g.add(top, one)];
  const images = g.reshape(x, [x.shape[0], x.shape[1], height * width]);
  const corners = [
    { ...pixelAt(g, left, top, x.shape), weight: g.mul(gx, gy) },
    { ...pixelAt(g, right, top, x.shape), weight: g.mul(fx, gy) },
    { ...pixelAt(g, left, bottom, x.shape), weight: g.mul(gx, fy) },
    { ...pixelAt(g, right, bottom, x.shape), weight: g.mul(fx, fy) },
  ];
  const dX = scattered(
    g,
    x.shape,
    corners.map(({ index, inside, weight }) => ({ index, update: g.mul(flat, g.mul(weight, inside)) })),
  );
  // Σ_c dY·X at each corner, [N, 1, P]: the difference of two is the slope between them.
  const [s00, s10, s01, s11] = corners.map(({ index, inside }) => {
    const read = g.op1("GatherElements", [images, g.expand(index, flat.shape)], { axis: 2 });
    return g.mul(g.sum(g.mul(read, flat), [1], { keep: true }), inside);
  });
  const dAcross = g.mul(px.slope, g.add(g.mul(g.sub(s10, s00), gy), g.mul(g.sub(s11, s01), fy)));
  const dDown = g.mul(py.slope, g.add(g.mul(g.sub(s01, s00), gx), g.mul(g.sub(s11, s10), fx)));
  const dGrid = g.transpose(g.concat([dAcross, dDown], 1), [0, 2, 1]);
  return [dX, g.reshape(dGrid, grid.shape)];
};

const alignsCorners = (node: RuleNode): boolean => intAttribute(node, "align_corners", 0) === 1;

/** One coordinate of every place, [N, 1, P], in pixels: −1 … 1 are the centres of the outer pixels (align_corners) or their edges. */
function unnormalized(g: GraphBuilder, node: RuleNode, grid: Value, axis: number, size: number): Value {
  const [samples] = grid.shape;
  const places = sizeOf(grid.shape.slice(1, -1));
  const column = g.slice(grid, [{ axis: 3, start: axis, end: axis + 1 }]);
  const half = g.scale(g.add(g.reshape(column, [samples, 1, places]), g.scalar(1)), perUnit(node, size));
  return alignsCorners(node) ? half : g.sub(half, g.scalar(0.5));
}

/** Pixels that a grid's unit spans. */
const perUnit = (node: RuleNode, size: number): number => (alignsCorners(node) ? (size - 1) / 2 : size / 2);

/** Where a coordinate is read after the padding mode has moved it, and how fast that changes with the grid. */
function moved(
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
function pixelAt(
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

interface Update {
  /** int64 [N, 1, P] in 0 … H·W − 1. */
  readonly index: Value;
  /** [N, C, P] */
  readonly update: Value;
}

/** From so many channels on, adding rows of them is faster than adding elements. */
const ROWS_FROM = 8;

/** Zeros of the images' shape with every update added where it belongs. */
function scattered(g: GraphBuilder, shape: Shape, updates: readonly Update[]): Value {
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

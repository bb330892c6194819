import type { GraphBuilder, Value } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { RuleNode } from "../rule.ts";
import { type Update, moved, perUnit, pixelAt, scattered, unnormalized } from "./grid-places.ts";

/**
 * Y[n, c, p] = Σ over 4×4 pixels (k, j) around the place (ix, iy) of grid[n, p] of w_k(fx)·w_j(fy)·X[n, c, j, k]   (GridSample-20 "cubic")
 *
 * with f the way from the second pixel to the third and w Keys' cubic with a = −0.75. The padding mode moves each of the 16 pixels,
 * not the place between them, as PyTorch and ONNX Runtime have it.
 *
 *   dX[n, c, j, k]  += w_k·w_j·dY[n, c, p]                                       a scatter of sixteen pixels
 *   d grid[n, p, x]  = sx·Σ_kj w′_k(fx)·w_j(fy)·Σ_c dY[n, c, p]·X[n, c, j, k]    and so for y; sx = (W − 1)/2 (align_corners) or W/2
 */
export function cubicGradients(g: GraphBuilder, node: RuleNode, dy: Value): Value[] {
  const [x, grid] = node.inputs;
  const [samples, channels, height, width] = x.shape;
  const flat = g.reshape(dy, [samples, channels, sizeOf(dy.shape.slice(2))]);
  const images = g.reshape(x, [samples, channels, height * width]);
  const columns = tapsAlong(g, node, unnormalized(g, node, grid, 0, width), width);
  const rows = tapsAlong(g, node, unnormalized(g, node, grid, 1, height), height);
  const updates: Update[] = [];
  let [across, down] = [g.scalar(0), g.scalar(0)];
  for (const row of rows) {
    for (const column of columns) {
      const { index, inside } = pixelAt(g, column.pixel, row.pixel, x.shape);
      updates.push({ index, update: g.mul(flat, g.mul(g.mul(column.weight, row.weight), inside)) });
      const read = g.op1("GatherElements", [images, g.expand(index, flat.shape)], { axis: 2 });
      // Σ_c dY·X, [N, 1, P]
      const along = g.mul(g.sum(g.mul(read, flat), [1], { keep: true }), inside);
      across = g.add(across, g.mul(along, g.mul(column.slope, row.weight)));
      down = g.add(down, g.mul(along, g.mul(column.weight, row.slope)));
    }
  }
  const dGrid = g.concat([g.scale(across, perUnit(node, width)), g.scale(down, perUnit(node, height))], 1);
  return [scattered(g, x.shape, updates), g.reshape(g.transpose(dGrid, [0, 2, 1]), grid.shape)];
}

/** One of the four pixels along an axis, [N, 1, P] each. */
interface Tap {
  /** A whole number, where the padding mode has it. */
  readonly pixel: Value;
  readonly weight: Value;
  /** d weight / d place */
  readonly slope: Value;
}

function tapsAlong(g: GraphBuilder, node: RuleNode, place: Value, size: number): Tap[] {
  const before = g.op1("Floor", [place]);
  const f = g.sub(place, before);
  const back = g.sub(g.scalar(1), f);
  const plusOne = (value: Value) => g.add(value, g.scalar(1));
  const at = (offset: number, weight: Value, slope: Value): Tap => ({
    pixel: moved(g, node, g.add(before, g.scalar(offset)), size).place,
    weight,
    slope,
  });
  return [
    at(-1, polynomial(g, far, plusOne(f)), polynomial(g, slopeOf(far), plusOne(f))),
    at(0, polynomial(g, near, f), polynomial(g, slopeOf(near), f)),
    at(1, polynomial(g, near, back), g.neg(polynomial(g, slopeOf(near), back))),
    at(2, polynomial(g, far, plusOne(back)), g.neg(polynomial(g, slopeOf(far), plusOne(back)))),
  ];
}

/** Keys' cubic, coefficients of x³, x², x and 1: for distances up to a pixel, and from one to two. */
const a = -0.75;
const near = [a + 2, -(a + 3), 0, 1];
const far = [a, -5 * a, 8 * a, -4 * a];

const slopeOf = ([cube, square, linear]: readonly number[]): readonly number[] => [
  3 * cube,
  2 * square,
  linear,
];

const polynomial = (g: GraphBuilder, [first, ...others]: readonly number[], x: Value): Value =>
  others.reduce((value, coefficient) => g.add(g.mul(value, x), g.scalar(coefficient)), g.scalar(first));

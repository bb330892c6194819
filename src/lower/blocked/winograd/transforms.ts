/**
 * Images as tiles at the points of minimal filtering and back. Images lie pixel by pixel, [H, W, N, C], so that a
 * transform is a product with a constant matrix and everything behind the pixel is one long row.
 *
 * Tiles are [points, groups, points, M, C]: for each pair of points, M = tiles·N rows of channels, in groups for maps whose
 * axes are transformed one after the other (the tiles of the first axis: their products are summed where kernels ask).
 */
import type { GraphBuilder, Value } from "../../../onnx/index.ts";
import { SEEN, TAPS, kernelMatrix } from "./filtering.ts";
import { type WinogradMap, collectMatrix, ofBothAxes, spreadMatrix, tilesOf } from "./map.ts";
import { type Matrix, tensorOf, transposed } from "./matrix.ts";

type Axes<T> = readonly [T, T];

const spread = ({ axes: [y, x] }: WinogradMap): Axes<Matrix> => [spreadMatrix(y), spreadMatrix(x)];
const collect = ({ axes: [y, x] }: WinogradMap): Axes<Matrix> => [
  transposed(collectMatrix(y)),
  transposed(collectMatrix(x)),
];

/** What tiles see of the images, [H, W, N, Ci] -> tiles, and its adjoint. */
export const imageTiles = (g: GraphBuilder, x: Value, map: WinogradMap): Value =>
  widen(g, x, map, spread(map));
export const imageTilesGrad = (g: GraphBuilder, tiles: Value, map: WinogradMap): Value =>
  narrow(g, tiles, map, spread(map));

/** The outputs [Ho, Wo, N, Co] of tiles, and the adjoint. */
export const outputOfTiles = (g: GraphBuilder, tiles: Value, map: WinogradMap): Value =>
  narrow(g, tiles, map, collect(map));
export const outputOfTilesGrad = (g: GraphBuilder, dy: Value, map: WinogradMap): Value =>
  widen(g, dy, map, collect(map));

/** [rows, columns, N, C] to tiles by a matrix for each axis. */
function widen(g: GraphBuilder, pixels: Value, map: WinogradMap, [my, mx]: Axes<Matrix>): Value {
  const { lead } = map;
  const [h, w, n, c] = pixels.shape.slice(-4);
  const [ty, tx] = map.axes.map(tilesOf);
  const matrix = (m: Matrix) => g.constant(tensorOf(m));
  if (map.isSmall) {
    const both = matrix(ofBothAxes(map, [my, mx]));
    const tiles = g.matMul(both, g.reshape(pixels, [...lead, h * w, n * c]));
    return g.reshape(tiles, [...lead, SEEN * SEEN, 1, 1, ty * tx * n, c]);
  }
  const rows = g.matMul(matrix(my), g.reshape(pixels, [...lead, h, w * n * c]));
  const tiles = g.matMul(matrix(mx), g.reshape(rows, [...lead, SEEN * ty, w, n * c]));
  return g.reshape(tiles, [...lead, SEEN, ty, SEEN, tx * n, c]);
}

/** The adjoint of {@link widen} by the same matrices. */
function narrow(g: GraphBuilder, tiles: Value, map: WinogradMap, [my, mx]: Axes<Matrix>): Value {
  const { lead } = map;
  const [ty, tx] = map.axes.map(tilesOf);
  const [rowsOfPoint, c] = tiles.shape.slice(-2);
  const n = rowsOfPoint / (map.isSmall ? ty * tx : tx);
  const [h, w] = [my.columns, mx.columns];
  const matrix = (m: Matrix) => g.constant(tensorOf(transposed(m)));
  if (map.isSmall) {
    const both = matrix(ofBothAxes(map, [my, mx]));
    const pixels = g.matMul(both, g.reshape(tiles, [...lead, SEEN * SEEN * ty * tx, n * c]));
    return g.reshape(pixels, [...lead, h, w, n, c]);
  }
  const rows = g.matMul(matrix(mx), g.reshape(tiles, [...lead, SEEN * ty, SEEN * tx, n * c]));
  const pixels = g.matMul(matrix(my), g.reshape(rows, [...lead, SEEN * ty, w * n * c]));
  return g.reshape(pixels, [...lead, h, w, n, c]);
}

/** A kernel [9, Ci, Co] as tiles are multiplied with it, for some points after others. */
export function kernelAtPoints(g: GraphBuilder, w: Value, map: WinogradMap): readonly Value[] {
  const [taps, ci, co] = w.shape;
  const { pointsAtOnce: count, isSmall, lead } = map;
  return kernelMatrices(g, map).map((matrix) => {
    const points = g.matMul(matrix, g.reshape(w, [...lead, taps, ci * co]));
    return g.reshape(points, [...lead, count, 1, isSmall ? 1 : SEEN, ci, co]);
  });
}

/** The adjoint of {@link kernelAtPoints}: products [points, groups, points, Ci, Co] -> [9, Ci, Co]. */
export function kernelAtPointsGrad(g: GraphBuilder, products: readonly Value[], map: WinogradMap): Value {
  const [, groups, , ci, co] = products[0].shape.slice(-5);
  const matrices = kernelMatrices(g, map);
  let taps: Value | null = null;
  products.forEach((product, i) => {
    const points = groups > 1 ? g.sum(product, [product.shape.length - 4]) : product;
    const rows = g.reshape(points, [matrices[i].shape[0], ci * co]);
    taps = g.gemm(matrices[i], rows, { transA: 1 }, taps);
  });
  return g.reshape(taps!, [TAPS * TAPS, ci, co]);
}

/** Tiles by the points that are worked on at once. */
export const inParts = (
  g: GraphBuilder,
  tiles: Value,
  { pointsAtOnce, lead }: WinogradMap,
): readonly Value[] => {
  const count = tiles.shape[lead.length] / pointsAtOnce;
  return count === 1 ? [tiles] : g.split(tiles, Array<number>(count).fill(pointsAtOnce), lead.length);
};

/** From the taps of a kernel to some pairs of points after others: [points, 9] each. */
function kernelMatrices(g: GraphBuilder, { pointsAtOnce, isSmall }: WinogradMap): readonly Value[] {
  const rows = pointsAtOnce * (isSmall ? 1 : SEEN);
  return Array.from({ length: (SEEN * SEEN) / rows }, (_, i) =>
    g.constant(
      tensorOf({ ...kernelOfBothAxes, rows, at: (row, tap) => kernelOfBothAxes.at(i * rows + row, tap) }),
    ),
  );
}

const kernelOfBothAxes: Matrix = {
  rows: SEEN * SEEN,
  columns: TAPS * TAPS,
  at(row, column) {
    const inY = kernelMatrix[Math.floor(row / SEEN)][Math.floor(column / TAPS)];
    return inY * kernelMatrix[row % SEEN][column % TAPS];
  },
};

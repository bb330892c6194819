/**
 * Images as tiles at the points of minimal filtering and back. Images lie pixel by pixel, [H, W, N, C], so that a
 * transform is a product with a constant matrix and everything behind the pixel is one long row.
 *
 * Tiles are [points, groups, points, M, C]: for each pair of points, M = tiles·N rows of channels, in groups for maps whose
 * axes are transformed one after the other (the tiles of the first axis: their products are summed where kernels ask).
 */
import type { GraphBuilder, Value } from "../../../onnx/index.ts";
import { SEEN, kernelMatrix } from "./filtering.ts";
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
  const [h, w, n, c] = pixels.shape;
  const [ty, tx] = map.axes.map(tilesOf);
  const matrix = (m: Matrix) => g.constant(tensorOf(m));
  if (map.isSmall) {
    const both = matrix(ofBothAxes(map, [my, mx]));
    const tiles = g.matMul(both, g.reshape(pixels, [h * w, n * c]));
    return g.reshape(tiles, [SEEN * SEEN, 1, 1, ty * tx * n, c]);
  }
  const rows = g.matMul(matrix(my), g.reshape(pixels, [h, w * n * c]));
  const tiles = g.matMul(matrix(mx), g.reshape(rows, [SEEN * ty, w, n * c]));
  return g.reshape(tiles, [SEEN, ty, SEEN, tx * n, c]);
}

/** The adjoint of {@link widen} by the same matrices. */
function narrow(g: GraphBuilder, tiles: Value, map: WinogradMap, [my, mx]: Axes<Matrix>): Value {
  const [ty, tx] = map.axes.map(tilesOf);
  const c = tiles.shape[4];
  const n = tiles.shape[3] / (map.isSmall ? ty * tx : tx);
  const [h, w] = [my.columns, mx.columns];
  const matrix = (m: Matrix) => g.constant(tensorOf(transposed(m)));
  if (map.isSmall) {
    const both = matrix(ofBothAxes(map, [my, mx]));
    const pixels = g.matMul(both, g.reshape(tiles, [SEEN * SEEN * ty * tx, n * c]));
    return g.reshape(pixels, [h, w, n, c]);
  }
  const rows = g.matMul(matrix(mx), g.reshape(tiles, [SEEN * ty, SEEN * tx, n * c]));
  const pixels = g.matMul(matrix(my), g.reshape(rows, [SEEN * ty, w * n * c]));
  return g.reshape(pixels, [h, w, n, c]);
}

/** A kernel [9, Ci, Co] at each pair of points, as tiles are multiplied with. */
export function kernelAtPoints(g: GraphBuilder, w: Value, map: WinogradMap): Value {
  const [taps, ci, co] = w.shape;
  const points = g.matMul(g.constant(tensorOf(kernelOfBothAxes)), g.reshape(w, [taps, ci * co]));
  return g.reshape(points, [...pointsOf(map), ci, co]);
}

/** The adjoint of {@link kernelAtPoints}: tiles of products [points, groups, points, Ci, Co] -> [9, Ci, Co]. */
export function kernelAtPointsGrad(g: GraphBuilder, products: Value): Value {
  const [, groups, , ci, co] = products.shape;
  const points = groups > 1 ? g.sum(products, [1]) : products;
  const taps = g.matMul(
    g.constant(tensorOf(transposed(kernelOfBothAxes))),
    g.reshape(points, [SEEN * SEEN, ci * co]),
  );
  return g.reshape(taps, [taps.shape[0], ci, co]);
}

const pointsOf = ({ isSmall }: WinogradMap) => (isSmall ? [SEEN * SEEN, 1, 1] : [SEEN, 1, SEEN]);

const kernelOfBothAxes: Matrix = {
  rows: SEEN * SEEN,
  columns: kernelMatrix[0].length ** 2,
  at(row, column) {
    const taps = kernelMatrix[0].length;
    const inY = kernelMatrix[Math.floor(row / SEEN)][Math.floor(column / taps)];
    return inY * kernelMatrix[row % SEEN][column % taps];
  },
};

/**
 * Convolutions of 3×3 taps by minimal filtering: 36 matrix products, over the channels, at a quarter of the work. The
 * backward pass is the adjoint of each step. It makes the images' tiles and the kernel's points again: they cost little time
 * and much memory.
 *
 *   V = tiles of x, U = kernel at the points, Y = outputs of V·U
 *   dM = adjoint of outputs by dY,  dX = adjoint of tiles by dM·Uᵀ,  dW = adjoint of the kernel's by Vᵀ·dM
 */
import type { GraphBuilder, Value } from "../../../onnx/index.ts";
import { fusedMatMul } from "../../fused-mat-mul.ts";
import type { Layouts } from "../layouts.ts";
import { type Finish, conv } from "../operators.ts";
import type { BlockedContext } from "../rule.ts";
import { weightByTaps } from "../weights.ts";
import { TAPS } from "./filtering.ts";
import type { WinogradMap } from "./map.ts";
import {
  imageTiles,
  imageTilesGrad,
  inParts,
  kernelAtPoints,
  kernelAtPointsGrad,
  outputOfTiles,
  outputOfTilesGrad,
} from "./transforms.ts";

export { isWinogradKernel, winogradMap } from "./map.ts";

/** How Conv of x [N, Ci, H, W] with w [Co, Ci, 3, 3] makes what it is asked for. */
export const winograd =
  ({ layouts }: BlockedContext, x: Value, w: Value, map: WinogradMap) =>
  (finish: Finish): Value => {
    const { g } = layouts;
    const kernel = kernelAtPoints(g, weightByTaps(layouts, w), map);
    const images = inParts(g, imageTiles(g, pixelsFirst(layouts, x, map), map), map);
    const tiles = images.map((part, i) => g.matMul(part, kernel[i]));
    return finished(layouts, outputOfTiles(g, joined(g, tiles, map), map), finish);
  };

/** The same for dX of dY [N, Co, Ho, Wo]. */
export const winogradGradInput =
  (context: BlockedContext, dy: Value, w: Value, map: WinogradMap) =>
  (finish: Finish): Value => {
    const { layouts } = context;
    const { g } = layouts;
    const kernel = kernelAtPoints(g, weightByTaps(layouts, w), map);
    const gradient = tilesOfGradient(context, dy, map);
    const tiles = gradient.map((part, i) => fusedMatMul(g, part, kernel[i], { transB: 1 }));
    return finished(layouts, imageTilesGrad(g, joined(g, tiles, map), map), finish);
  };

/** dW, [Co, Ci, 3, 3] held by taps. */
export function winogradGradWeight(context: BlockedContext, x: Value, dy: Value, map: WinogradMap): Value {
  const { layouts } = context;
  const { g } = layouts;
  const images = inParts(g, imageTiles(g, pixelsFirst(layouts, x, map), map), map);
  const gradient = tilesOfGradient(context, dy, map);
  const products = images.map((part, i) => fusedMatMul(g, part, gradient[i], { transA: 1 }));
  const value = kernelAtPointsGrad(g, products, map);
  const shape = [dy.shape[1], x.shape[1], TAPS, TAPS];
  return layouts.hold({ kind: "weight", by: "taps", value }, { dtype: x.dtype, shape });
}

const joined = (g: GraphBuilder, tiles: readonly Value[], { lead }: WinogradMap): Value =>
  tiles.length === 1 ? tiles[0] : g.concat(tiles, lead.length);

/** Made once for both gradients. */
function tilesOfGradient({ layouts, tiles }: BlockedContext, dy: Value, map: WinogradMap): readonly Value[] {
  const { g } = layouts;
  const key = JSON.stringify([dy.name, map]);
  const made = tiles.get(key) ?? inParts(g, outputOfTilesGrad(g, pixelsFirst(layouts, dy, map), map), map);
  tiles.set(key, made);
  return made;
}

/** [N, C, H, W] in blocks -> [H, W, N, C]. */
function pixelsFirst(layouts: Layouts, x: Value, { lead }: WinogradMap): Value {
  const { g, block: b } = layouts;
  const [n, c, h, w] = x.shape;
  const view = g.reshape(layouts.blocked(x), [...lead, n, c / b, h * w, b]);
  const axes = [2, 0, 1, 3].map((axis) => axis + lead.length);
  const pixels = g.transpose(view, [...lead.map(() => 0), ...axes]);
  return g.reshape(pixels, [...lead, h, w, n, c]);
}

/** The inverse of {@link pixelsFirst}; what follows is one pass more over the images. */
function finished({ g, block: b }: Layouts, pixels: Value, finish: Finish): Value {
  const [h, w, n, c] = pixels.shape.slice(-4);
  const view = g.transpose(g.reshape(pixels, [h, w, n, c / b, b]), [2, 3, 0, 1, 4]);
  const images = g.reshape(view, [n, c, h, w]);
  const { scale, ...rest } = finish;
  if (!scale && !rest.bias && !rest.sum && !rest.activation) return images;
  const weight = scale ?? g.full([c], 1);
  return conv(g, { x: images, w: g.reshape(weight, [c, 1, 1, 1]), group: c, ...rest });
}

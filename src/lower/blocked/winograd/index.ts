/**
 * Convolutions of 3×3 taps by minimal filtering: 36 matrix products, over the channels, at a quarter of the work. The
 * backward pass is the adjoint of each step, so that the tiles of the forward pass serve both.
 *
 *   V = tiles of x, U = kernel at the points, Y = outputs of V·U
 *   dM = adjoint of outputs by dY,  dX = adjoint of tiles by dM·Uᵀ,  dW = adjoint of the kernel's by Vᵀ·dM
 */
import type { Value } from "../../../onnx/index.ts";
import { fusedMatMul } from "../../fused-mat-mul.ts";
import type { Layouts } from "../layouts.ts";
import { type Finish, conv } from "../operators.ts";
import type { BlockedContext } from "../rule.ts";
import { weightByTaps } from "../weights.ts";
import type { WinogradMap } from "./map.ts";
import {
  imageTiles,
  imageTilesGrad,
  kernelAtPoints,
  kernelAtPointsGrad,
  outputOfTiles,
  outputOfTilesGrad,
} from "./transforms.ts";

export { isWinogradKernel, winogradMap } from "./map.ts";

/** How Conv of x [N, Ci, H, W] with w [Co, Ci, 3, 3] makes what it is asked for. */
export const winograd = (context: BlockedContext, x: Value, w: Value, map: WinogradMap) => {
  const { layouts } = context;
  const { g } = layouts;
  return (finish: Finish): Value =>
    finished(
      layouts,
      outputOfTiles(g, g.matMul(tilesOfImages(context, x, map), pointsOfKernel(context, w, map)), map),
      finish,
    );
};

/** The same for dX of dY [N, Co, Ho, Wo]. */
export const winogradGradInput = (context: BlockedContext, dy: Value, w: Value, map: WinogradMap) => {
  const { layouts } = context;
  const { g } = layouts;
  return (finish: Finish): Value => {
    const tiles = fusedMatMul(g, tilesOfGradient(context, dy, map), pointsOfKernel(context, w, map), {
      transB: 1,
    });
    return finished(layouts, imageTilesGrad(g, tiles, map), finish);
  };
};

/** dW, [Co, Ci, 3, 3] held by taps. */
export function winogradGradWeight(context: BlockedContext, x: Value, dy: Value, map: WinogradMap): Value {
  const { layouts } = context;
  const { g } = layouts;
  const products = fusedMatMul(g, tilesOfImages(context, x, map), tilesOfGradient(context, dy, map), {
    transA: 1,
  });
  const value = kernelAtPointsGrad(g, products);
  const shape = [dy.shape[1], x.shape[1], 3, 3];
  return layouts.hold({ kind: "weight", by: "taps", value }, { dtype: x.dtype, shape });
}

const tilesOfImages = (context: BlockedContext, x: Value, map: WinogradMap): Value =>
  once(context, "images", x, map, () => imageTiles(context.layouts.g, pixelsFirst(context.layouts, x), map));

const tilesOfGradient = (context: BlockedContext, dy: Value, map: WinogradMap): Value =>
  once(context, "gradient", dy, map, () =>
    outputOfTilesGrad(context.layouts.g, pixelsFirst(context.layouts, dy), map),
  );

const pointsOfKernel = (context: BlockedContext, w: Value, map: WinogradMap): Value =>
  once(context, "kernel", w, map, () =>
    kernelAtPoints(context.layouts.g, weightByTaps(context.layouts, w), map),
  );

function once(
  { tiles }: BlockedContext,
  role: string,
  { name }: Value,
  map: WinogradMap,
  make: () => Value,
): Value {
  const key = JSON.stringify([role, name, map]);
  const made = tiles.get(key) ?? make();
  tiles.set(key, made);
  return made;
}

/** [N, C, H, W] in blocks -> [H, W, N, C]. */
function pixelsFirst(layouts: Layouts, x: Value): Value {
  const [n, c, h, w] = x.shape;
  return layouts.g.reshape(layouts.g.transpose(layouts.view(x), [2, 3, 0, 1, 4]), [h, w, n, c]);
}

/** The inverse of {@link pixelsFirst}; what follows is one pass more over the images. */
function finished({ g, block: b }: Layouts, pixels: Value, finish: Finish): Value {
  const [h, w, n, c] = pixels.shape;
  const view = g.transpose(g.reshape(pixels, [h, w, n, c / b, b]), [2, 3, 0, 1, 4]);
  const images = g.reshape(view, [n, c, h, w]);
  const { scale, ...rest } = finish;
  if (!scale && !rest.bias && !rest.sum && !rest.activation) return images;
  const weight = scale ?? g.full([c], 1);
  return conv(g, { x: images, w: g.reshape(weight, [c, 1, 1, 1]), group: c, ...rest });
}

import { UnsupportedOpError, describeNode, stringAttribute } from "../../onnx/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { GradientRule } from "../rule.ts";
import { cubicGradients } from "./grid-sample-cubic.ts";
import { moved, pixelAt, scattered, unnormalized } from "./grid-places.ts";

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
 * edge. "nearest" reads one place: dX alone. "cubic" is in grid-sample-cubic.ts. Kinks, as in PyTorch: between two pixels the place belongs to the pixel before
 * it; at an edge that places are moved to the grid has no gradient.
 */
export const gridSample: GradientRule = (g, node, [dy]) => {
  const [x, grid] = node.inputs;
  const mode = stringAttribute(node, "mode", "linear");
  if (x.shape.length !== 4 || !["linear", "nearest", "cubic"].includes(mode)) {
    throw new UnsupportedOpError(
      `${describeNode(node)} samples ${x.shape.length - 2} axes by "${mode}", which has no gradient rule. ` +
        `Sample images by "linear", "nearest" or "cubic", or freeze the parameters before it.`,
      { opType: node.opType, node: node.name },
    );
  }
  const [, , height, width] = x.shape;
  if (mode === "cubic") return cubicGradients(g, node, dy);
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

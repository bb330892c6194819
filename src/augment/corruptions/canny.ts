import { inside } from "../filter-pass.ts";
import { gaussianFilter } from "./filters.ts";

interface Sides {
  readonly height: number;
  readonly width: number;
}

/**
 * Canny's edges [H, W], 1 or 0, as scikit-image's `feature.canny` with its defaults has them: a Gaussian of σ 1 with black around the
 * image, Sobel's gradients, ridges by linear interpolation along the gradient, from 0.1 on where they lead to 0.2.
 */
export function fineEdges(plane: Float32Array, sides: Sides): Uint8Array {
  const { height, width } = sides;
  const smooth = smoothed(plane, sides);
  const at = (y: number, x: number) =>
    smooth[inside(y, height, "reflect") * width + inside(x, width, "reflect")];
  const [down, right, size] = [0, 1, 2].map(() => new Float64Array(plane.length));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const across = (dy: number) => at(y + dy, x - 1) + 2 * at(y + dy, x) + at(y + dy, x + 1);
      const along = (dx: number) => at(y - 1, x + dx) + 2 * at(y, x + dx) + at(y + 1, x + dx);
      down[i] = across(1) - across(-1);
      right[i] = along(1) - along(-1);
      size[i] = Math.hypot(down[i], right[i]);
    }
  }
  const ridges = new Float64Array(plane.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const [steep, flat] = [Math.abs(down[i]), Math.abs(right[i])];
      if (size[i] < 0.1 || steep + flat === 0) continue;
      // Of the two neighbours on each side that the gradient points between: the nearer one, and the one at the corner.
      const sign = down[i] * right[i] >= 0 ? 1 : -1;
      const near = steep > flat ? sign * width : 1;
      const corner = sign * width + 1;
      const share = Math.min(steep, flat) / Math.max(steep, flat);
      const beside = (side: 1 | -1) => size[i + side * corner] * share + size[i + side * near] * (1 - share);
      if (beside(1) <= size[i] && beside(-1) <= size[i]) ridges[i] = size[i];
    }
  }
  return connected(ridges, width, 0.2);
}

/** Weighted by what of the Gaussian lies inside. */
function smoothed(plane: Float32Array, { height, width }: Sides): Float64Array {
  const reach = 4;
  const wide = { height: height + 2 * reach, width: width + 2 * reach };
  const framed = (valueOf: (i: number) => number) => {
    const large = new Float32Array(wide.height * wide.width);
    for (let i = 0; i < plane.length; i++)
      large[(Math.floor(i / width) + reach) * wide.width + (i % width) + reach] = valueOf(i);
    return gaussianFilter(large, wide, [1, 1], "nearest");
  };
  const [values, shares] = [framed((i) => plane[i]), framed(() => 1)];
  const result = new Float64Array(plane.length);
  for (let i = 0; i < result.length; i++) {
    const place = (Math.floor(i / width) + reach) * wide.width + (i % width) + reach;
    result[i] = values[place] / shares[place];
  }
  return result;
}

/** Ridges that lead, by their 8 neighbours, to one of at least `high`. */
function connected(ridges: Float64Array, width: number, high: number): Uint8Array {
  const edges = new Uint8Array(ridges.length);
  const reached: number[] = [];
  const reach = (i: number) => {
    if (edges[i] === 1 || !(ridges[i] > 0)) return;
    edges[i] = 1;
    reached.push(i);
  };
  ridges.forEach((size, i) => size >= high && reach(i));
  for (let i = reached.pop(); i !== undefined; i = reached.pop())
    for (const row of [-width, 0, width]) for (const column of [-1, 0, 1]) reach(i + row + column);
  return edges;
}

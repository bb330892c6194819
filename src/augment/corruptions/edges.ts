/** Edges of a plane of bytes and how far pixels are from them, as OpenCV has both. */
import type { ImageSize } from "./corruption.ts";
import { inside } from "../filter-pass.ts";

type Sides = Pick<ImageSize, "height" | "width">;

/**
 * Canny's edges [H, W], 1 or 0: ridges of the gradient (Sobel's, sizes by |dx| + |dy|) above `low` that lead to one above `high`.
 */
export function cannyEdges(
  bytes: Float32Array,
  { height, width }: Sides,
  [low, high]: readonly [number, number],
): Uint8Array {
  const at = (y: number, x: number) =>
    bytes[inside(y, height, "nearest") * width + inside(x, width, "nearest")];
  const [dx, dy, size] = [0, 1, 2].map(() => new Int32Array(height * width));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [a, b, c] = [at(y - 1, x - 1), at(y - 1, x), at(y - 1, x + 1)];
      const [d, e] = [at(y, x - 1), at(y, x + 1)];
      const [f, g, h] = [at(y + 1, x - 1), at(y + 1, x), at(y + 1, x + 1)];
      dx[i] = c + 2 * e + h - a - 2 * d - f;
      dy[i] = f + 2 * g + h - a - 2 * b - c;
      size[i] = Math.abs(dx[i]) + Math.abs(dy[i]);
    }
  }
  const sizeAt = (y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : size[y * width + x];
  const isRidge = (i: number): boolean => {
    const [y, x] = [Math.floor(i / width), i % width];
    const [along, across] = [Math.abs(dx[i]), Math.abs(dy[i])];
    const steep = Math.tan(Math.PI / 8);
    const [up, left] =
      across < along * steep
        ? [0, 1]
        : across > along * (steep + 2)
          ? [1, 0]
          : [1, (dx[i] ^ dy[i]) < 0 ? -1 : 1];
    const [before, after] = [sizeAt(y - up, x - left), sizeAt(y + up, x + left)];
    // On a plateau the first pixel of a row or column is the ridge; of a diagonal none.
    return size[i] > before && (up === 1 && left !== 0 ? size[i] > after : size[i] >= after);
  };
  const edges = new Uint8Array(height * width);
  const ridges = Uint8Array.from(edges, (_, i) => (size[i] > low && isRidge(i) ? 1 : 0));
  const reached: number[] = [];
  const reach = (i: number) => {
    if (edges[i] === 1 || ridges[i] === 0) return;
    edges[i] = 1;
    reached.push(i);
  };
  for (let i = 0; i < size.length; i++) if (size[i] > high) reach(i);
  for (let i = reached.pop(); i !== undefined; i = reached.pop()) {
    const [y, x] = [Math.floor(i / width), i % width];
    for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++)
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++)
        reach(row * width + column);
  }
  return edges;
}

/** Steps of a chamfer distance and their lengths, of those that lead down, or right in a row (Borgefors, 1986). */
const steps = [
  ...[[0, 1, 1] as const, [1, 0, 1] as const, [1, 1, 1.4] as const, [1, -1, 1.4] as const],
  ...[[1, 2, 2.1969] as const, [1, -2, 2.1969] as const, [2, 1, 2.1969] as const, [2, -1, 2.1969] as const],
];

/** How far each pixel is from an edge, by steps to its 24 neighbours; at most `most`. */
export function distances(edges: Uint8Array, { height, width }: Sides, most: number): Float32Array {
  // A frame of two pixels that no way leads through.
  const stride = width + 4;
  const far = new Float32Array((height + 4) * stride).fill(Infinity);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) far[(y + 2) * stride + x + 2] = edges[i++] === 1 ? 0 : most;
  const offsets = Int32Array.from(steps, ([down, right]) => down * stride + right);
  const lengths = Float64Array.from(steps, ([, , length]) => length);
  const shortest = (i: number, sign: 1 | -1) => {
    let least = far[i];
    for (let k = 0; k < offsets.length; k++) least = Math.min(least, far[i - sign * offsets[k]] + lengths[k]);
    far[i] = least;
  };
  const [first, end] = [2 * stride, (height + 2) * stride];
  for (let row = first; row < end; row += stride)
    for (let i = row + 2; i < row + 2 + width; i++) shortest(i, 1);
  for (let row = end - stride; row >= first; row -= stride)
    for (let i = row + 1 + width; i >= row + 2; i--) shortest(i, -1);
  const result = new Float32Array(edges.length);
  for (let y = 0; y < height; y++) {
    const row = (y + 2) * stride + 2;
    result.set(far.subarray(row, row + width), y * width);
  }
  return result;
}

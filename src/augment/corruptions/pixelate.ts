import { type Corruption, type ImageSize, eachPlane } from "./corruption.ts";

/**
 * Fewer pixels: means over boxes, enlarged again.
 *
 * @param share  of each side that is left, rounded down to whole pixels, one at least
 * @param up     how it is enlarged: "nearest", or "box" (where boxes meet in a pixel, their mean)
 */
export const pixelate =
  (share: number, up: "nearest" | "box"): Corruption =>
  (image, out, size) => {
    const { height, width } = size;
    const less = (side: number) => Math.max(1, Math.floor(side * share));
    const small = { height: less(height), width: less(width) };
    eachPlane(image, size, (plane, c) => {
      const reduced = boxed(plane, size, small);
      const enlarged = up === "box" ? boxed(reduced, small, size) : nearest(reduced, small, size);
      out.set(enlarged, c * plane.length);
    });
  };

type Plane = Pick<ImageSize, "height" | "width">;

function nearest(plane: Float32Array, from: Plane, to: Plane): Float32Array {
  const [rows, columns] = [places(to.height, from.height), places(to.width, from.width)];
  const result = new Float32Array(to.height * to.width);
  for (let y = 0, i = 0; y < to.height; y++) {
    const row = rows[y] * from.width;
    for (let x = 0; x < to.width; x++, i++) result[i] = plane[row + columns[x]];
  }
  return result;
}

/** Of each place among `count` the nearest among `length`: by sums, as Pillow counts, whose rounding decides between two. */
function places(count: number, length: number): Int32Array {
  const step = length / count;
  let at = step / 2;
  return Int32Array.from({ length: count }, () => {
    const place = Math.min(Math.floor(at), length - 1);
    at += step;
    return place;
  });
}

/** Means over boxes of any size, whole pixels of 8 bits after each pass: Pillow's BOX. */
function boxed(plane: Float32Array, from: Plane, to: Plane): Float32Array {
  const along = new Float32Array(from.height * to.width);
  const columns = boxesOf(from.width, to.width);
  for (let y = 0, i = 0; y < from.height; y++) {
    const row = y * from.width;
    for (let x = 0; x < to.width; x++, i++) {
      let sum = 0;
      for (let at = row + columns.firsts[x]; at < row + columns.ends[x]; at++) sum += plane[at];
      along[i] = byteOf(sum, columns.ends[x] - columns.firsts[x]);
    }
  }
  const result = new Float32Array(to.height * to.width);
  const rows = boxesOf(from.height, to.height);
  const sums = new Float64Array(to.width);
  for (let y = 0, i = 0; y < to.height; y++) {
    sums.fill(0);
    for (let row = rows.firsts[y]; row < rows.ends[y]; row++)
      for (let x = 0; x < to.width; x++) sums[x] += along[row * to.width + x];
    for (let x = 0; x < to.width; x++) result[i++] = byteOf(sums[x], rows.ends[y] - rows.firsts[y]);
  }
  return result;
}

const byteOf = (sum: number, count: number): number => Math.floor((255 * sum) / count + 0.5) / 255;

/** Of a line of `length` the parts that `wanted` places are the means of. */
function boxesOf(length: number, wanted: number): { readonly firsts: Int32Array; readonly ends: Int32Array } {
  const scale = length / wanted;
  const support = 0.5 * Math.max(scale, 1);
  const centre = (place: number) => (place + 0.5) * scale;
  return {
    firsts: Int32Array.from({ length: wanted }, (_, i) => Math.max(0, Math.floor(centre(i) - support + 0.5))),
    ends: Int32Array.from({ length: wanted }, (_, i) =>
      Math.min(length, Math.floor(centre(i) + support + 0.5)),
    ),
  };
}

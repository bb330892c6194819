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
      const reduced = new Float32Array(small.height * small.width);
      boxed(plane, size, small, reduced, false);
      const result = out.subarray(c * plane.length, (c + 1) * plane.length);
      if (up === "box") boxed(reduced, small, size, result, true);
      else nearest(reduced, small, size, result);
    });
  };

type Plane = Pick<ImageSize, "height" | "width">;

function nearest(plane: Float32Array, from: Plane, { height, width }: Plane, result: Float32Array): void {
  const [rows, columns] = [places(height, from.height), places(width, from.width)];
  for (let y = 0, i = 0; y < height; y++, i += width) {
    const row = rows[y] * from.width;
    if (y > 0 && rows[y] === rows[y - 1]) result.copyWithin(i, i - width, i);
    else for (let x = 0; x < width; x++) result[i + x] = plane[row + columns[x]];
  }
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

/**
 * Means over boxes of any size, whole pixels of 8 bits after each pass: Pillow's BOX.
 *
 * @param areBytes  the plane has such pixels already, so that one alone is its own mean
 */
function boxed(
  plane: Float32Array,
  from: Plane,
  { height, width }: Plane,
  result: Float32Array,
  areBytes: boolean,
): void {
  const lines = from.height;
  const along = new Float32Array(lines * width);
  const { firsts, ends } = boxesOf(from.width, width);
  for (let y = 0, i = 0; y < lines; y++) {
    const row = y * from.width;
    for (let x = 0; x < width; x++, i++) {
      const first = row + firsts[x];
      const count = row + ends[x] - first;
      if (areBytes && count === 1) {
        along[i] = plane[first];
        continue;
      }
      let sum = 0;
      for (let k = 0; k < count; k++) sum += plane[first + k];
      along[i] = byteOf(sum, count);
    }
  }
  const rows = boxesOf(lines, height);
  const sums = new Float64Array(width);
  for (let y = 0, i = 0; y < height; y++, i += width) {
    const first = rows.firsts[y];
    const end = rows.ends[y];
    if (end - first === 1) {
      result.set(along.subarray(first * width, end * width), i);
      continue;
    }
    sums.fill(0);
    for (let row = first; row < end; row++) {
      const at = row * width;
      for (let x = 0; x < width; x++) sums[x] += along[at + x];
    }
    for (let x = 0; x < width; x++) result[i + x] = byteOf(sums[x], end - first);
  }
}

const bytes = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

function byteOf(sum: number, count: number): number {
  const byte = Math.floor((255 * sum) / count + 0.5);
  return byte >= 0 && byte <= 255 ? bytes[byte] : byte / 255;
}

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

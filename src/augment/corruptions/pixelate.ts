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
  return Float32Array.from(
    { length: to.height * to.width },
    (_, i) => plane[rows[Math.floor(i / to.width)] * from.width + columns[i % to.width]],
  );
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
  const along = resampled(plane, from.height, from.width, to.width, from.width, 1);
  return resampled(along, to.width, from.height, to.height, 1, to.width);
}

/** Lines of `length` to `wanted` each; `lines` and `step` say where lines and their values lie. */
function resampled(
  values: Float32Array,
  count: number,
  length: number,
  wanted: number,
  lineStep: number,
  step: number,
): Float32Array {
  const result = new Float32Array(count * wanted);
  const scale = length / wanted;
  const support = 0.5 * Math.max(scale, 1);
  for (let place = 0; place < wanted; place++) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(length, Math.floor(centre + support + 0.5));
    for (let line = 0; line < count; line++) {
      let sum = 0;
      for (let i = first; i < end; i++) sum += values[line * lineStep + i * step];
      const to = step === 1 ? line * wanted + place : place * count + line;
      result[to] = Math.round((255 * sum) / (end - first)) / 255;
    }
  }
  return result;
}

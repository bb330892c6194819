import { type PlaneSize, forSize } from "../filter-pass.ts";
import { placesFor, planesWasm } from "../planes-memory.ts";
import { type Corruption, eachPlane, withinRange } from "./corruption.ts";

/**
 * Fewer pixels: means over boxes, enlarged again.
 *
 * @param share  of each side that is left, rounded down to whole pixels, one at least
 * @param up     how it is enlarged: "nearest", or "box" (where boxes meet in a pixel, their mean)
 */
export function pixelate(share: number, up: "nearest" | "box"): Corruption {
  const waysFor = forSize(({ height, width }) => {
    const less = (side: number) => Math.max(1, Math.floor(side * share));
    const small = { height: less(height), width: less(width) };
    return {
      reduce: boxesOf({ height, width }, small, "box"),
      enlarge: boxesOf(small, { height, width }, up),
    };
  });
  return withinRange((image, out, size) => {
    const { reduce, enlarge } = waysFor(size);
    const reduced = new Float32Array(reduce.to.height * reduce.to.width);
    eachPlane(image, size, (plane, c) => {
      boxed(plane, reduce, reduced, false);
      boxed(reduced, enlarge, out.subarray(c * plane.length, (c + 1) * plane.length), true);
    });
  });
}

/** Of two sizes the boxes of the one that each row and column of the other is the mean of. */
interface Boxes {
  readonly from: PlaneSize;
  readonly to: PlaneSize;
  readonly across: Parts;
  readonly down: Parts;
}

/** Of a line the parts that places are the means of: from `firsts` to before `ends`. */
interface Parts {
  readonly firsts: Int32Array;
  readonly ends: Int32Array;
}

export function boxesOf(from: PlaneSize, to: PlaneSize, by: "nearest" | "box"): Boxes {
  const parts = by === "nearest" ? nearestOf : partsOf;
  return { from, to, across: parts(from.width, to.width), down: parts(from.height, to.height) };
}

/** Of each place the nearest alone: by sums, as Pillow counts, whose rounding decides between two. */
function nearestOf(length: number, wanted: number): Parts {
  const step = length / wanted;
  let at = step / 2;
  const firsts = Int32Array.from({ length: wanted }, () => {
    const place = Math.min(Math.floor(at), length - 1);
    at += step;
    return place;
  });
  return { firsts, ends: firsts.map((place) => place + 1) };
}

function partsOf(length: number, wanted: number): Parts {
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

/**
 * Means over boxes of any size, whole pixels of 8 bits after each pass: Pillow's BOX. In WebAssembly, or by the same steps in JavaScript.
 *
 * @param areBytes  the plane has such pixels already, so that one alone is its own mean
 */
export function boxed(plane: Float32Array, boxes: Boxes, result: Float32Array, areBytes: boolean): void {
  const { from, to, across, down } = boxes;
  const lines = [across.firsts, across.ends, down.firsts, down.ends];
  const wasm = planesWasm();
  const half = 4 * from.height * to.width;
  const places =
    wasm &&
    placesFor(wasm, [
      ...[plane.byteLength, result.byteLength, plane.byteLength, half, half],
      ...[8 * Math.max(from.height, to.width), ...lines.map(({ byteLength }) => byteLength)],
    ]);
  if (!places) return plainBoxed(plane, boxes, result, areBytes);
  const [at, made, turned, turnedMeans, along, sums, ...linesAt] = places;
  const { buffer } = wasm.memory;
  new Float32Array(buffer, at, plane.length).set(plane);
  lines.forEach((line, i) => new Int32Array(buffer, linesAt[i], line.length).set(line));
  const sides = [from.height, from.width, to.height, to.width];
  wasm.boxes(at, ...sides, ...linesAt, Number(areBytes), turned, turnedMeans, along, sums, made);
  result.set(new Float32Array(buffer, made, result.length));
}

export function plainBoxed(
  plane: Float32Array,
  { from, to: { height, width }, across, down }: Boxes,
  result: Float32Array,
  areBytes: boolean,
): void {
  const along = new Float32Array(from.height * width);
  for (let y = 0, i = 0; y < from.height; y++) {
    const row = y * from.width;
    for (let x = 0; x < width; x++, i++) {
      const first = row + across.firsts[x];
      const count = row + across.ends[x] - first;
      if (areBytes && count === 1) {
        along[i] = plane[first];
        continue;
      }
      let sum = 0;
      for (let k = 0; k < count; k++) sum += plane[first + k];
      along[i] = byteOf(sum, count);
    }
  }
  for (let y = 0, i = 0; y < height; y++, i += width) {
    const first = down.firsts[y];
    const count = down.ends[y] - first;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += along[(first + k) * width + x];
      // What is whole already stays so.
      result[i + x] = count === 1 ? sum : byteOf(sum, count);
    }
  }
}

const byteOf = (sum: number, count: number): number =>
  Math.min(Math.max(Math.floor((255 * sum) / count + 0.5), 0), 255) / 255;

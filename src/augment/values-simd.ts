/** Changes of single values and of lines in WebAssembly: the bits of the loops in JavaScript that stand in for it. */
import { clipped } from "./clipped.ts";
import type { PlaneSize } from "./filter-pass.ts";
import { CHUNK_PIXELS, type PlanesWasm, placesFor, planesWasm } from "./planes-memory.ts";
import type { WarpTaps } from "./warp-taps.ts";

/**
 * `from` to `to` by parts of whole units, which lie in the memory while `change` changes them in place.
 *
 * @param unit    values that stay together
 * @param more    bytes of further arrays, whose places `change` gets
 * @returns whether it could
 */
function inParts(
  from: Float32Array,
  to: Float32Array,
  unit: number,
  more: readonly number[],
  change: (wasm: PlanesWasm, at: number, start: number, count: number, places: readonly number[]) => number,
): boolean {
  const wasm = planesWasm();
  if (!wasm || unit === 0) return false;
  const part = unit * Math.max(1, Math.floor(CHUNK_PIXELS / unit));
  const places = placesFor(wasm, [4 * part, ...more]);
  if (!places) return false;
  const floats = new Float32Array(wasm.memory.buffer);
  for (let start = 0; start < from.length; start += part) {
    const count = Math.min(part, from.length - start);
    floats.set(count === from.length ? from : from.subarray(start, start + count), places[0] / 4);
    const made = change(wasm, places[0], start, count, places);
    to.set(floats.subarray(made / 4, made / 4 + count), start);
  }
  return true;
}

/** scale · value + offset of each, clipped; `to` may be `from`. */
export function linear(
  from: Float32Array,
  to: Float32Array,
  scale: number,
  offset: number,
  [least, most]: readonly [number, number] = [-Infinity, Infinity],
): void {
  const isSingle = isExactInSingle(scale, offset, [least, most]);
  const isDone = inParts(from, to, 1, [], (wasm, at, _, count) => {
    (isSingle ? wasm.linearSingle : wasm.linear)(at, count, scale, offset, least, most);
    return at;
  });
  if (!isDone) plainLinear(from, to, scale, offset, [least, most]);
}

/**
 * Whether single precision has the bits of double precision rounded at the end: one operation that rounds, as a sum is after a
 * product with a power of two, is the same in both (53 bits are more than twice 24 and 2).
 */
function isExactInSingle(scale: number, offset: number, bounds: readonly number[]): boolean {
  const isPowerOfTwo = Number.isInteger(Math.log2(Math.abs(scale)));
  return (
    (offset === 0 || isPowerOfTwo) &&
    [scale, offset, ...bounds].every((value) => Math.fround(value) === value)
  );
}

export function plainLinear(
  from: Float32Array,
  to: Float32Array,
  scale: number,
  offset: number,
  [least, most]: readonly [number, number],
): void {
  for (let i = 0; i < from.length; i++) to[i] = clipped(scale * from[i] + offset, least, most);
}

/** As `plainSaturation`. @returns whether it could */
export const simdSaturation = (
  images: Float32Array,
  area: number,
  factor: number,
  out: Float32Array,
): boolean =>
  inParts(images, out, 3 * area, [4 * 3 * Math.max(area, CHUNK_PIXELS)], (wasm, at, _, count, [, made]) => {
    wasm.saturation(at, count / (3 * area), area, factor, made);
    return made;
  });

/** Values that are bytes / 255 by a table; the others by `curve`. @returns whether it could */
export const simdCurve = (
  from: Float32Array,
  to: Float32Array,
  table: Float32Array,
  rest: (from: Float32Array, to: Float32Array) => void,
): boolean => {
  const left: (readonly [number, number])[] = [];
  const isDone = inParts(from, to, 1, [1024], (wasm, at, start, count, [, tableAt]) => {
    if (start === 0) new Float32Array(wasm.memory.buffer, tableAt, 256).set(table);
    if (wasm.curve(at, count, tableAt) > 0) left.push([start, start + count]);
    return at;
  });
  for (const [start, end] of left) rest(from.subarray(start, end), to.subarray(start, end));
  return isDone;
};

/** The taps of each place of a line: from `starts[i]` to `starts[i + 1]`. */
export interface LineTaps {
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** Lines across and down of planes [count, H, W] resampled. @returns whether it could */
export function simdResample(
  planes: Float32Array,
  { height, width }: PlaneSize,
  across: LineTaps,
  down: LineTaps,
  out: Float32Array,
): boolean {
  const area = height * width;
  const tables = [across, down].flatMap(({ starts, places, weights }) => [starts, places, weights]);
  const room = tables.map((table) => table.byteLength);
  return inParts(
    planes,
    out,
    area,
    [4 * area, 4 * Math.max(area, CHUNK_PIXELS), ...room],
    (wasm, at, start, count, [, between, made, ...places]) => {
      if (start === 0) {
        tables.forEach((table, i) => {
          const array = table instanceof Int32Array ? Int32Array : Float64Array;
          new array(wasm.memory.buffer, places[i], table.length).set(table);
        });
      }
      wasm.resample(at, count / area, height, width, ...places, between, made);
      return made;
    },
  );
}

/** Fewer planes than this do not pay for laying the taps into the memory. */
const PLANES_PER_TAPS = 24;

/** Planes [planes, H, W] warped by four taps a pixel, which leaves 0 where there are none. @returns whether it could */
export function simdWarp(taps: WarpTaps, source: Float32Array, planes: number, out: Float32Array): boolean {
  if (planes < PLANES_PER_TAPS) return false;
  const { targets, sources, weights } = taps;
  const area = taps.height * taps.width;
  const room = [targets, sources, weights].map((table) => table.byteLength);
  return inParts(
    source,
    out,
    area,
    [...Array<number>(3).fill(4 * Math.max(area, CHUNK_PIXELS)), ...room],
    (wasm, at, start, count, [, turned, turnedMade, made, targetsAt, sourcesAt, weightsAt]) => {
      if (start === 0) {
        const { buffer } = wasm.memory;
        new Int32Array(buffer, targetsAt, targets.length).set(targets);
        new Int32Array(buffer, sourcesAt, sources.length).set(sources);
        new Float32Array(buffer, weightsAt, weights.length).set(weights);
      }
      const tapsAt = [targetsAt, targets.length, sourcesAt, weightsAt];
      wasm.warp(at, count / area, area, ...tapsAt, turned, turnedMade, made);
      return made;
    },
  );
}

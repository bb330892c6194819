/** Weighted sums about each pixel of planes [count, H, W], in double precision. */
import type { Pass, PlaneSize } from "./filter-pass.ts";
import { simdFilter } from "./planes-simd.ts";

/** Filters planes by passes, one after the other, each rounded to single precision; returns `out`, which may not overlap `planes`. */
export function filtered(
  planes: Float32Array,
  size: PlaneSize,
  passes: readonly Pass[],
  out: Float32Array = new Float32Array(planes.length),
): Float32Array {
  if (planes.length > 0 && !simdFilter(planes, size, passes, out)) plainFilter(planes, size, passes, out);
  return out;
}

/** The same where WebAssembly has no instructions for it. */
export function plainFilter(
  planes: Float32Array,
  size: PlaneSize,
  passes: readonly Pass[],
  out: Float32Array,
): void {
  const area = size.height * size.width;
  for (let start = 0; start < planes.length; start += area) {
    let plane = planes.subarray(start, start + area);
    for (const pass of passes) plane = passed(plane, size, pass);
    out.set(plane, start);
  }
}

function passed(plane: Float32Array, { height, width }: PlaneSize, pass: Pass): Float32Array {
  const { rows, columns, tapRows, tapColumns, weights, kind } = pass;
  const result = new Float32Array(plane.length);
  const sums = new Float64Array(width);
  // Each row once, continued to both sides.
  const wide = new Float32Array(height * columns.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let i = 0; i < columns.length; i++) wide[to++] = plane[y * width + columns[i]];
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    if (kind === "quarters") addQuarters(wide, y, pass, sums);
    const placeOf = (tap: number) => rows[y + tapRows[tap]] * columns.length + tapColumns[tap];
    for (let t = 0; t < weights.length && kind !== "quarters"; t++) {
      const weight = weights[t];
      if (kind === "pairs" && t > 0) {
        const [one, other] = [placeOf(2 * t - 1), placeOf(2 * t)];
        for (let x = 0; x < width; x++) sums[x] += weight * (wide[one + x] + wide[other + x]);
      } else {
        const at = placeOf(t);
        for (let x = 0; x < width; x++) sums[x] += weight * wide[at + x];
      }
    }
    result.set(sums, y * width);
  }
  return result;
}

/** The sums of row y, of rows `wide` that are continued to both sides. */
function addQuarters(wide: Float32Array, y: number, pass: Pass, sums: Float64Array): void {
  const { rows, columns, left, tapRows, tapColumns, weights } = pass;
  const reach = (rows.length - wide.length / columns.length) / 2;
  const both = Array.from({ length: reach + 1 }, (_, down) => {
    const [below, above] = [reach + down, reach - down].map((row) => rows[y + row] * columns.length);
    return Float64Array.from(columns, (_, i) => wide[below + i] + wide[above + i]);
  });
  weights.forEach((weight, t) => {
    const row = both[tapRows[t]];
    const [right, toLeft] = [left + tapColumns[t], left - tapColumns[t]];
    for (let x = 0; x < sums.length; x++) sums[x] += weight * (row[right + x] + row[toLeft + x]);
  });
}

import { addParts, fold, foldedLine } from "./folded-line.ts";
import { type Table, harmonics } from "./harmonics.ts";

/** Filters `planes` planes [planes, H, W] of `source` into `out`, of the same shape; each by itself. */
export type PlaneFilter = (source: Float32Array, planes: number, out: Float32Array) => void;

/**
 * The circular low-pass of real planes H×W: the 2-D DFT, zero at every frequency (u, v) with u² + v² > radius²,
 * or, of an open circle, ≥ radius², inverted. The radius is in DFT indices, i.e. cycles per side of the plane.
 *
 * Images of this field have small sides such as 28, where a general FFT gains little and cannot leave out what is
 * thrown away. This is a direct separable DFT by tables that computes the kept frequencies only. A frequency and
 * its negative are kept together, so cosines and sines take the place of complex numbers (half the work), and each
 * line is folded about its first pixel (half again). Multiply-adds of a plane, with V = min(⌊radius⌋, ⌊W/2⌋) and
 * K ≈ π·radius² kept frequencies:
 *
 *   along rows, there and back      2 · H · W/2 · (2V + 1)
 *   along columns, there and back   2 · H/2 · K
 *
 * At 28×28 that is 32,000 for radius 12 and 13,000 for radius 6; a 784×784 matrix would take 615,000.
 */
export function lowPass(height: number, width: number, radius: number, isOpen = false): PlaneFilter {
  const limit = isOpen ? Math.ceil(radius) - 1 : Math.floor(radius);
  const alongX = harmonics(width, limit);
  const alongY = harmonics(height, limit);
  const cosines = alongX.cosineAnalysis.rows;
  const sines = alongX.sineAnalysis.rows;
  const kept = cosines + sines;
  /** [kept]: the greatest |u| beside each harmonic v along x; cosines 0, 1, … come first, then sines 1, 2, … */
  const greatestU = Int32Array.from({ length: kept }, (_, c) => {
    const v = c < cosines ? c : c - cosines + 1;
    const greatest = Math.floor(Math.sqrt(radius * radius - v * v));
    return isOpen && greatest * greatest + v * v >= radius * radius ? greatest - 1 : greatest;
  });

  const line = foldedLine(Math.max(height, width));
  const spectrum = new Float64Array(Math.max(height, width));
  const amplitudes = new Float64Array(kept * height); // [harmonic along x, y]
  const filtered = new Float64Array(height * kept); // [y, harmonic along x]

  function filterPlane(source: Float32Array, start: number, out: Float32Array): void {
    const { cosineAnalysis, sineAnalysis, cosineSynthesis, sineSynthesis } = alongX;
    for (let y = 0; y < height; y++) {
      fold(line, source, start + y * width, width);
      multiply(cosineAnalysis, cosines, cosineAnalysis.columns, line.even, 0, amplitudes, y, height);
      const firstSine = cosines * height + y;
      multiply(sineAnalysis, sines, sineAnalysis.columns, line.odd, 0, amplitudes, firstSine, height);
    }
    for (let c = 0; c < kept; c++) filterColumn(c);
    for (let y = 0; y < height; y++) {
      const first = y * kept;
      multiply(cosineSynthesis, cosineSynthesis.rows, cosines, filtered, first, line.even, 0, 1);
      multiply(sineSynthesis, sineSynthesis.rows, sines, filtered, first + cosines, line.odd, 0, 1);
      addParts(line, out, start + y * width, 1, width);
    }
  }

  function filterColumn(c: number): void {
    const { cosineAnalysis, sineAnalysis, cosineSynthesis, sineSynthesis } = alongY;
    const keptCosines = Math.min(cosineAnalysis.rows, greatestU[c] + 1);
    const keptSines = Math.min(sineAnalysis.rows, greatestU[c]);
    fold(line, amplitudes, c * height, height);
    multiply(cosineAnalysis, keptCosines, cosineAnalysis.columns, line.even, 0, spectrum, 0, 1);
    multiply(cosineSynthesis, cosineSynthesis.rows, keptCosines, spectrum, 0, line.even, 0, 1);
    multiply(sineAnalysis, keptSines, sineAnalysis.columns, line.odd, 0, spectrum, 0, 1);
    multiply(sineSynthesis, sineSynthesis.rows, keptSines, spectrum, 0, line.odd, 0, 1);
    addParts(line, filtered, c, kept, height);
  }

  return (source, planes, out) => {
    for (let plane = 0; plane < planes; plane++) filterPlane(source, plane * height * width, out);
  };
}

/**
 * The first `rows` rows and `columns` columns of the table, times x[xStart … xStart + columns − 1]. Row i's sum goes
 * to out[outStart + i·outStride]. Four rows at a time: one sum alone would wait for its own last addition.
 */
function multiply(
  { values, columns: stride }: Table,
  rows: number,
  columns: number,
  x: Float64Array,
  xStart: number,
  out: Float64Array,
  outStart: number,
  outStride: number,
): void {
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const t0 = row * stride;
    const t1 = t0 + stride;
    const t2 = t1 + stride;
    const t3 = t2 + stride;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < columns; j++) {
      const xj = x[xStart + j];
      s0 += values[t0 + j] * xj;
      s1 += values[t1 + j] * xj;
      s2 += values[t2 + j] * xj;
      s3 += values[t3 + j] * xj;
    }
    const o = outStart + row * outStride;
    out[o] = s0;
    out[o + outStride] = s1;
    out[o + 2 * outStride] = s2;
    out[o + 3 * outStride] = s3;
  }
  for (; row < rows; row++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += values[row * stride + j] * x[xStart + j];
    out[outStart + row * outStride] = sum;
  }
}

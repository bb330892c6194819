/**
 * Passes over planes in WebAssembly, two and four numbers at a time: a sixth of the time of the same loops in JavaScript, and the same
 * bits. Where the processor or the page allows none, the loops in JavaScript do it.
 */
import type { Pass, PlaneSize } from "./filter-pass.ts";
import { CHUNK_PIXELS, placesFor, planesWasm } from "./planes-memory.ts";

const filters = { taps: "filter", pairs: "filterPairs", quarters: "filterQuarters" } as const;

/** As `plainFilter`. @returns whether it could */
export function simdFilter(
  planes: Float32Array,
  { height, width }: PlaneSize,
  passes: readonly Pass[],
  out: Float32Array,
): boolean {
  const wasm = planesWasm();
  if (!wasm || passes.length === 0) return false;
  const area = height * width;
  const some = Math.max(1, Math.min(planes.length / area, Math.floor(CHUNK_PIXELS / area)));
  const tables = passes.map(({ rows, columns, tapRows, tapColumns, weights }) => ({
    ints: [rows, columns, tapRows, tapColumns],
    weights,
  }));
  const widest = Math.max(...passes.map(({ columns }) => columns.length));
  // The plane's rows, continued to both sides, and behind them those that "quarters" adds.
  const mostRows = 1 + Math.max(...passes.map(({ rows }) => rows.length));
  const mostTaps = Math.max(...passes.map(({ tapRows }) => tapRows.length));
  const [one, other, wide, starts, ...rest] =
    placesFor(wasm, [
      ...[4 * area * some, 4 * area * some, 8 * mostRows * widest, 8 * mostTaps],
      ...tables.flatMap(({ ints, weights }) => [
        ...ints.map((array) => 4 * array.length),
        8 * weights.length,
      ]),
    ]) ?? [];
  if (one === undefined) return false;
  const { buffer } = wasm.memory;
  tables.forEach(({ ints, weights }, pass) => {
    ints.forEach((array, i) => new Int32Array(buffer, rest[5 * pass + i], array.length).set(array));
    new Float64Array(buffer, rest[5 * pass + 4], weights.length).set(weights);
  });
  const floats = new Float32Array(buffer);
  for (let start = 0; start < planes.length; start += some * area) {
    const end = Math.min(start + some * area, planes.length);
    floats.set(planes.subarray(start, end), one / 4);
    let [from, to] = [one, other];
    passes.forEach(({ columns, left, weights, kind }, pass) => {
      const [rowsAt, columnsAt, tapRowsAt, tapColumnsAt, weightsAt] = rest.slice(5 * pass, 5 * pass + 5);
      wasm[filters[kind]](
        ...[from, (end - start) / area, height, width, rowsAt, columnsAt, columns.length, left],
        ...[tapRowsAt, tapColumnsAt, weightsAt, weights.length, starts, wide, to],
      );
      [from, to] = [to, from];
    });
    out.set(floats.subarray(from / 4, from / 4 + end - start), start);
  }
  return true;
}

/**
 * What JPEG loses of one image [channels, H, W], as `plainJpeg`.
 *
 * @returns whether it could
 */
export function simdJpeg(
  image: Float32Array,
  { channels, height, width }: PlaneSize & { readonly channels: number },
  [luma, chroma]: readonly [Int32Array, Int32Array],
  out: Float32Array,
): boolean {
  const wasm = planesWasm();
  const bytes = 4 * image.length;
  const work = 4 * 10 * (height + 16) * (width + 16);
  const places = wasm && placesFor(wasm, [bytes, bytes, 256, 256, work]);
  if (!wasm || !places) return false;
  const [from, to, lumaAt, chromaAt, workAt] = places;
  const { buffer } = wasm.memory;
  new Float32Array(buffer, from, image.length).set(image);
  new Int32Array(buffer, lumaAt, 64).set(luma);
  new Int32Array(buffer, chromaAt, 64).set(chroma);
  wasm.jpeg(from, 1, channels, height, width, lumaAt, chromaAt, workAt, to);
  out.set(new Float32Array(buffer, to, image.length));
  return true;
}

/**
 * Passes over planes in WebAssembly, two and four numbers at a time: a sixth of the time of the same loops in JavaScript, and the same
 * bits. Where the processor or the page allows none, the loops in JavaScript do it.
 */
import type { Pass, PlaneSize } from "./filter-pass.ts";
import { planesBytes } from "./planes-wasm.ts";

/** What is used of the runtime's own, which no library of types here declares. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: {
    readonly buffer: ArrayBuffer;
    /** By pages of 64 KiB; the buffer is another one then. */
    grow(pages: number): number;
  };
  readonly filter: (...places: number[]) => void;
  readonly filterPairs: (...places: number[]) => void;
  readonly jpeg: (...places: number[]) => void;
}

/** Pixels in a call, of which several planes may be: in and out of it stay in a core's cache. */
const CHUNK_PIXELS = 2 ** 14;
/** Images that take more go the plain way: the memory that is grown here stays. */
const MOST_BYTES = 64 * 2 ** 20;
/** The functions' own stack lies before. */
const FIRST = 65536;
/** What a call may read and write behind what it is given. */
const SLACK = 64;

let known: Exports | null | undefined;

function exported(): Exports | null {
  if (known !== undefined) return known;
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: Wasm };
  try {
    known = wasm ? (new wasm.Instance(new wasm.Module(planesBytes())).exports as Exports) : null;
  } catch {
    known = null;
  }
  return known;
}

/** Places for arrays of so many bytes one behind the other, for which the memory is large enough; null where they are too many. */
function placesFor({ memory }: Exports, bytes: readonly number[]): readonly number[] | null {
  let end = FIRST;
  const places = bytes.map((length) => {
    const start = end;
    end = Math.ceil((end + length + SLACK) / 16) * 16;
    return start;
  });
  if (end > MOST_BYTES) return null;
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  return places;
}

/** As `plainFilter`. @returns whether it could */
export function simdFilter(
  planes: Float32Array,
  { height, width }: PlaneSize,
  passes: readonly Pass[],
  out: Float32Array,
): boolean {
  const wasm = exported();
  if (!wasm || passes.length === 0) return false;
  const area = height * width;
  const some = Math.max(1, Math.min(planes.length / area, Math.floor(CHUNK_PIXELS / area)));
  const tables = passes.map(({ rows, columns, tapRows, tapColumns, weights }) => ({
    ints: [rows, columns, tapRows, tapColumns],
    weights,
  }));
  const widest = Math.max(...passes.map(({ columns }) => columns.length));
  const mostTaps = Math.max(...passes.map(({ tapRows }) => tapRows.length));
  const [one, other, wide, starts, ...rest] =
    placesFor(wasm, [
      ...[4 * area * some, 4 * area * some, 8 * height * widest, 4 * mostTaps],
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
    passes.forEach(({ columns, left, weights, isPaired }, pass) => {
      const [rowsAt, columnsAt, tapRowsAt, tapColumnsAt, weightsAt] = rest.slice(5 * pass, 5 * pass + 5);
      wasm[isPaired ? "filterPairs" : "filter"](
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
  const wasm = exported();
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

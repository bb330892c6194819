/**
 * The passes of a resampling in WebAssembly, four numbers at a time: a sixth of the time of the same loops in JavaScript, which
 * matters where a network waits for photographs. The same bytes; null where the processor has no such instructions.
 */
import { type WasmMemory, wasmExports } from "../tensor/index.ts";
import { wasmBytes } from "./resample-wasm.ts";
import type { Passes, Taps } from "./resample-passes.ts";

interface Exports {
  readonly memory: WasmMemory;
  readonly alongRows: (...places: number[]) => void;
  readonly alongColumns: (...places: number[]) => void;
}

/** Bytes in and out of a call; a larger picture takes several. */
const CHUNK_BYTES = 8 * 2 ** 20;
/** A picture whose one row, or whose rows for one place, take more goes the plain way: the memory that is grown here stays. */
const MOST_BYTES = 64 * 2 ** 20;
/** What a call may read and write behind what it is given. */
const SLACK = 32;

/** @param chunkBytes  for tests */
export function simdPasses(plain: Passes, chunkBytes = CHUNK_BYTES): Passes | null {
  const made = wasmExports<Exports>(wasmBytes);
  if (!made) return null;
  const { memory, alongRows, alongColumns } = made;

  return {
    alongRows(image, channels, width, taps, left, [top, end]) {
      const places = taps.firsts.length;
      const rowBytes = 3 * places;
      if (channels !== 3 || 3 * width + rowBytes > MOST_BYTES) {
        return plain.alongRows(image, channels, width, taps, left, [top, end]);
      }
      const result = new Uint8Array((end - top) * rowBytes);
      const most = Math.max(1, Math.floor(chunkBytes / (3 * width + rowBytes)));
      for (let row = top; row < end; row += most) {
        const count = Math.min(most, end - row);
        const room = roomFor(memory, [3 * width * count, rowBytes * count], taps, left);
        room.bytes.set(image.subarray(3 * width * row, 3 * width * (row + count)), room.input);
        alongRows(room.input, width, count, room.firsts, room.starts, room.weights, places, room.output);
        const made = room.bytes.subarray(room.output, room.output + rowBytes * count);
        result.set(made, rowBytes * (row - top));
      }
      return result;
    },
    alongColumns(rows, length, taps, top) {
      const { firsts, starts } = taps;
      const longest = firsts.reduce((most, _, place) => Math.max(most, starts[place + 1] - starts[place]), 0);
      if ((longest + 1) * length > MOST_BYTES) return plain.alongColumns(rows, length, taps, top);
      const result = new Uint8Array(firsts.length * length);
      const endOf = (place: number) => firsts[place] + starts[place + 1] - starts[place];
      for (let place = 0; place < firsts.length;) {
        // Places whose rows, with what they give, make a chunk; one at least.
        let until = place + 1;
        while (
          until < firsts.length &&
          (endOf(until) - firsts[place] + until + 1 - place) * length <= chunkBytes
        )
          until++;
        const [first, end] = [firsts[place], endOf(until - 1)];
        const some = partOf(taps, place, until);
        const room = roomFor(memory, [(end - first) * length, (until - place) * length], some, first);
        room.bytes.set(rows.subarray((first - top) * length, (end - top) * length), room.input);
        alongColumns(
          ...[room.input, length, room.firsts, room.starts, room.weights, until - place, room.output],
        );
        const made = room.bytes.subarray(room.output, room.output + (until - place) * length);
        result.set(made, place * length);
        place = until;
      }
      return result;
    },
  };
}

/** The taps of some places. */
function partOf({ firsts, starts, weights }: Taps, from: number, to: number): Taps {
  return {
    firsts: firsts.subarray(from, to),
    starts: starts.subarray(from, to + 1).map((start) => start - starts[from]),
    weights: weights.subarray(starts[from], starts[to]),
  };
}

/** Lays taps into the memory, with room for so many bytes in and out; first places count from `origin`. */
function roomFor(
  memory: WasmMemory,
  [inputBytes, outputBytes]: readonly [number, number],
  taps: Taps,
  origin: number,
) {
  let end = 0;
  const place = (bytes: number): number => {
    const start = end;
    end = Math.ceil((end + bytes + SLACK) / 16) * 16;
    return start;
  };
  const { length } = taps.firsts;
  const [firsts, starts, weights] = [length, length + 1, taps.weights.length].map((n) => place(4 * n));
  const [input, output] = [inputBytes, outputBytes].map(place);
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  new Int32Array(memory.buffer, firsts, length).set(
    origin === 0 ? taps.firsts : taps.firsts.map((first) => first - origin),
  );
  new Int32Array(memory.buffer, starts, length + 1).set(taps.starts);
  new Int32Array(memory.buffer, weights, taps.weights.length).set(taps.weights);
  return { bytes: new Uint8Array(memory.buffer), firsts, starts, weights, input, output };
}

/** The functions of tools/wasm/planes.c and their memory. */
import { type WasmMemory, wasmExports } from "../tensor/index.ts";
import { planesBytes } from "./planes-wasm.ts";

export interface PlanesWasm {
  readonly memory: WasmMemory;
  readonly filter: (...places: number[]) => void;
  readonly filterPairs: (...places: number[]) => void;
  readonly filterQuarters: (...places: number[]) => void;
  readonly jpeg: (...places: number[]) => void;
  readonly linear: (...given: number[]) => void;
  readonly linearSingle: (...given: number[]) => void;
  readonly saturation: (...given: number[]) => void;
  readonly curve: (...places: number[]) => number;
  readonly warp: (...places: number[]) => void;
  readonly resample: (...places: number[]) => void;
  readonly boxes: (...given: number[]) => void;
  readonly hash: (values: number, count: number, key: number) => number;
  readonly noise: (...given: number[]) => void;
}

/** Pixels in a call, of which several planes may be: in and out of it stay in a core's cache. */
export const CHUNK_PIXELS = 2 ** 14;
/** Images that take more go the plain way: the memory that is grown here stays. */
const MOST_BYTES = 64 * 2 ** 20;
/** The functions' own stack lies before. */
const FIRST = 65536;
/**
 * Processors take a load for one of what was just stored where the lower 12 bits of both places are the same: copying from the beginning of
 * one page to just behind the beginning of another, where large arrays of JavaScript lie, takes ten times as long. So arrays here
 * begin a quarter, a half and three quarters into pages, by turns.
 */
const PAGE = 4096;
/** What a call may read and write behind what it is given. */
const SLACK = 128;

let known: PlanesWasm | null | undefined;

/** Null where they are not to be had. */
export const planesWasm = (): PlanesWasm | null => (known ??= wasmExports<PlanesWasm>(planesBytes));

/** Places for arrays of so many bytes one behind the other, for which the memory is large enough; null where they are too many. */
export function placesFor({ memory }: PlanesWasm, bytes: readonly number[]): readonly number[] | null {
  let end = FIRST;
  const places = bytes.map((length, i) => {
    const start = Math.ceil(end / PAGE) * PAGE + (PAGE / 4) * ((i % 3) + 1);
    end = start + length + SLACK;
    return start;
  });
  if (end > MOST_BYTES) return null;
  const lacking = end - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
  return places;
}

/** The functions of tools/wasm/planes.c and their memory. */
import { planesBytes } from "./planes-wasm.ts";

/** What is used of the runtime's own, which no library of types here declares. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

export interface PlanesWasm {
  readonly memory: {
    readonly buffer: ArrayBuffer;
    /** By pages of 64 KiB; the buffer is another one then. */
    grow(pages: number): number;
  };
  readonly filter: (...places: number[]) => void;
  readonly filterPairs: (...places: number[]) => void;
  readonly jpeg: (...places: number[]) => void;
  readonly linear: (...given: number[]) => void;
  readonly saturation: (...given: number[]) => void;
  readonly curve: (...places: number[]) => number;
  readonly warp: (...places: number[]) => void;
  readonly resample: (...places: number[]) => void;
}

/** Pixels in a call, of which several planes may be: in and out of it stay in a core's cache. */
export const CHUNK_PIXELS = 2 ** 14;
/** Images that take more go the plain way: the memory that is grown here stays. */
const MOST_BYTES = 64 * 2 ** 20;
/** The functions' own stack lies before. */
const FIRST = 65536;
/** What a call may read and write behind what it is given. */
const SLACK = 128;

let known: PlanesWasm | null | undefined;

export function planesWasm(): PlanesWasm | null {
  if (known !== undefined) return known;
  const { WebAssembly: wasm } = globalThis as { readonly WebAssembly?: Wasm };
  try {
    known = wasm ? (new wasm.Instance(new wasm.Module(planesBytes())).exports as PlanesWasm) : null;
  } catch {
    known = null;
  }
  return known;
}

/** Places for arrays of so many bytes one behind the other, for which the memory is large enough; null where they are too many. */
export function placesFor({ memory }: PlanesWasm, bytes: readonly number[]): readonly number[] | null {
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

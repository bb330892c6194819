import { ModelError } from "../../../onnx/index.ts";

/**
 * Structures that one file may have. The largest models of keras.applications have some ten thousand; what goes round
 * in circles ends here, too.
 */
const mostStructures = 1_000_000;

/** The address that HDF5 writes for "nowhere". */
const nowhere = 0xffff_ffff_ffff_ffffn;

/** Part of a file in bytes: where it begins and the first byte behind it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The bytes of an HDF5 file. Every read is inside the file or a ModelError; numbers are little-endian. */
export class FileBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #structures: Range[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the file keeps its own structures, as far as they were read. */
  get structures(): readonly Range[] {
    return this.#structures;
  }

  /** Notes a structure and checks that it begins as it must. `length` counts its signature. */
  structure(at: number, length: number, signature = ""): void {
    if (this.#structures.length >= mostStructures) throw damaged(`more than ${mostStructures} structures`);
    const found = this.text(at, signature.length);
    if (found !== signature) {
      throw damaged(`at byte ${at} "${signature}" is expected, not ${JSON.stringify(found)}`);
    }
    this.slice(at, length);
    this.#structures.push({ start: at, end: at + length });
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#inside(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#inside(at, 2), true);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#inside(at, 4), true);
  }

  /** A length or count of eight bytes. */
  u64(at: number): number {
    const value = this.#view.getBigUint64(this.#inside(at, 8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(`the number at byte ${at} is ${value}`);
    return Number(value);
  }

  /** An unsigned number of `size` bytes, 1 to 8. */
  unsigned(at: number, size: number): number {
    let value = 0;
    for (let byte = size - 1; byte >= 0; byte--) value = value * 256 + this.u8(at + byte);
    if (value > Number.MAX_SAFE_INTEGER) throw damaged(`the number at byte ${at} is ${value}`);
    return value;
  }

  /** An address in the file, or undefined where there is none. */
  address(at: number): number | undefined {
    return this.#view.getBigUint64(this.#inside(at, 8), true) === nowhere ? undefined : this.u64(at);
  }

  /** A view of the file's bytes. */
  slice(at: number, length: number): Uint8Array {
    this.#inside(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Bytes as characters of one byte each. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.slice(at, length));
  }

  #inside(at: number, length: number): number {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length)) {
      throw damaged(`${length} bytes at ${at} are beyond its end (${this.bytes.length} bytes)`);
    }
    return at;
  }
}

/** What is wrong with a file's structure; whoever knows the file and the path says them. */
export const damaged = (what: string): ModelError => new ModelError(`it is cut off or damaged: ${what}`);

const decoder = new TextDecoder();

/** UTF-8 (ASCII, too) up to the first zero byte. */
export function textUpToZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

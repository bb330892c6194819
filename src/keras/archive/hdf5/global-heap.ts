import { type FileBytes, type Range, damaged, textUpToZero } from "./file-bytes.ts";

/** Text of any length, which lies in collections of objects elsewhere in the file (section III.E). */
export class HeapTexts {
  readonly #file: FileBytes;
  readonly #collections = new Map<number, ReadonlyMap<number, Range>>();
  /** By position: many references to one long text share it. */
  readonly #texts = new Map<number, string>();

  constructor(file: FileBytes) {
    this.#file = file;
  }

  /** The text that the reference at `at` stands for: a length, a collection's address and an object's number. */
  textAt(at: number): string {
    const length = this.#file.u32(at);
    if (length === 0) return "";
    const [address, index] = [this.#file.address(at + 4), this.#file.u32(at + 12)];
    const object = address === undefined ? undefined : this.#collection(address).get(index);
    if (!object || length > object.end - object.start) {
      throw damaged(`a text of ${length} bytes at byte ${at} is in no heap`);
    }
    let text = this.#texts.get(object.start);
    if (text === undefined) {
      text = textUpToZero(this.#file.slice(object.start, length));
      this.#texts.set(object.start, text);
    }
    return text;
  }

  #collection(address: number): ReadonlyMap<number, Range> {
    const known = this.#collections.get(address);
    if (known) return known;
    const file = this.#file;
    const end = address + file.u64(address + 8);
    file.structure(address, end - address, "GCOL");
    const objects = new Map<number, Range>();
    for (let at = address + 16; at + 16 <= end;) {
      const index = file.u16(at);
      if (index === 0) break;
      const [start, length] = [at + 16, file.u64(at + 8)];
      if (start + length > end) throw damaged(`an object leaves its heap at byte ${at}`);
      objects.set(index, { start, end: start + length });
      at = start + Math.ceil(length / 8) * 8;
    }
    this.#collections.set(address, objects);
    return objects;
  }
}

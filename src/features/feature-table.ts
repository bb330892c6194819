import { closeSync, openSync, readSync } from "node:fs";
import { DamagedFileError } from "../artifacts/index.ts";
import type { Part } from "./part-file.ts";

/** Where a part's features are: in memory, or in a file behind so many bytes. */
type Place = Float32Array | { readonly path: string; readonly start: number };

/** The features of images under members, in parts; the first parts are held in memory, as many as fit into a budget. */
export class FeatureTable {
  readonly #size: number;
  readonly #places: Place[] = [];
  readonly #open = new Map<number, number>();
  /** By `member/image`: the part, and the row in it. */
  readonly #rows = new Map<string, readonly [part: number, row: number]>();
  #budget: number;

  /** @param memoryBytes  what may be held in memory of parts that lie in files */
  constructor(size: number, memoryBytes: number) {
    this.#size = size;
    this.#budget = memoryBytes;
  }

  /** @param file  where the part lies, if it does */
  add(part: Part, file: { readonly path: string; readonly start: number } | null): void {
    const isHeld = file === null || part.features.byteLength <= this.#budget;
    if (file !== null && isHeld) this.#budget -= part.features.byteLength;
    const index = this.#places.push(isHeld ? part.features : file) - 1;
    part.images.forEach((image, i) =>
      part.members.forEach((member, m) => {
        this.#rows.set(`${member}/${image}`, [index, i * part.members.length + m]);
      }),
    );
  }

  has(image: string, member: string): boolean {
    return this.#rows.has(`${member}/${image}`);
  }

  /** Writes the features of an image under a member to `out`, [F]. */
  read(image: string, member: string, out: Float32Array): void {
    const [part, row] = this.#rows.get(`${member}/${image}`)!;
    const place = this.#places[part];
    const offset = row * this.#size;
    if (place instanceof Float32Array) {
      out.set(place.subarray(offset, offset + this.#size));
      return;
    }
    const file = this.#open.get(part) ?? openSync(place.path, "r");
    this.#open.set(part, file);
    const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    if (readSync(file, bytes, 0, bytes.length, place.start + 4 * offset) !== bytes.length) {
      throw new DamagedFileError(place.path, "it was cut while it was in use", "Run the command again.");
    }
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }
}

import { createHash } from "node:crypto";
import { sizeOf } from "../../tensor/index.ts";
import type { ImageSource } from "../image-source.ts";
import { CHROMA_SIDE, DESCRIPTOR_LENGTH, type Fingerprint, LUMA_SIDE, fingerprint } from "./fingerprint.ts";
import { nearPairs } from "./near-pairs.ts";
import { samePicture } from "./same-picture.ts";
import { Union } from "./union.ts";

export interface ImageGroups {
  /** [N], hex: what each image is known by, whatever place or name it has. */
  readonly contents: readonly string[];
  /** The images of each class that are one picture, as lists of their places; most have one. By class, then by place. */
  readonly groups: readonly ImageGroup[];
}

export interface ImageGroup {
  readonly label: number;
  /** Rising. */
  readonly members: readonly number[];
}

/** Images read at once. */
const BATCH = 32;

/**
 * Which images of a class are one picture: equal files or pixels, and near-equal pictures (copies encoded anew, of another
 * size, slightly cropped). Reads every image once.
 */
export async function imageGroups(source: ImageSource, signal?: AbortSignal): Promise<ImageGroups> {
  const { contents, pixelHashes, prints } = await readAll(source, signal);
  const union = new Union(contents.length);
  const byClass = new Map<number, number[]>();
  source.labels.forEach((label, i) => {
    const places = byClass.get(label);
    if (places) places.push(i);
    else byClass.set(label, [i]);
  });
  const classes = [...byClass].sort(([a], [b]) => a - b);
  for (const [, places] of classes) {
    for (const hashes of [contents, pixelHashes]) joinEqual(union, places, hashes);
    const distinct = places.filter((i) => union.find(i) === i);
    // In the order of contents, so that no order of files decides.
    distinct.sort((a, b) => (contents[a] < contents[b] ? -1 : 1));
    const descriptors = new Float32Array(distinct.length * DESCRIPTOR_LENGTH);
    distinct.forEach((i, place) => descriptors.set(prints.descriptor(i), place * DESCRIPTOR_LENGTH));
    for (const [a, b] of nearPairs(descriptors)) {
      signal?.throwIfAborted();
      const [one, other] = [distinct[a], distinct[b]];
      if (union.find(one) !== union.find(other) && samePicture(prints.at(one), prints.at(other)))
        union.join(one, other);
    }
    await pause();
  }
  const groups = classes.flatMap(([label, places]) => {
    const members = new Map<number, number[]>();
    for (const i of places) {
      const group = members.get(union.find(i));
      if (group) group.push(i);
      else members.set(union.find(i), [i]);
    }
    return [...members.values()].map((group): ImageGroup => ({ label, members: group }));
  });
  return { contents, groups };
}

/** Lets signals and the display have their turn. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function joinEqual(union: Union, places: readonly number[], hashes: readonly string[]): void {
  const first = new Map<string, number>();
  for (const i of places) {
    const earlier = first.get(hashes[i]);
    if (earlier === undefined) first.set(hashes[i], i);
    else union.join(earlier, i);
  }
}

/** The fingerprints of all images, a byte a number but for descriptors. */
class Fingerprints {
  readonly #descriptors: Float32Array;
  readonly #lumas: Uint8Array;
  readonly #chromas: Int8Array | null;

  constructor(count: number, hasColour: boolean) {
    this.#descriptors = new Float32Array(count * DESCRIPTOR_LENGTH);
    this.#lumas = new Uint8Array(count * lumaSize);
    this.#chromas = hasColour ? new Int8Array(count * chromaSize) : null;
  }

  set(i: number, { descriptor, luma, chroma }: Fingerprint): void {
    this.#descriptors.set(descriptor, i * DESCRIPTOR_LENGTH);
    for (let p = 0; p < lumaSize; p++) this.#lumas[i * lumaSize + p] = Math.round(255 * luma[p]);
    if (chroma === null || this.#chromas === null) return;
    for (let p = 0; p < chromaSize; p++) this.#chromas[i * chromaSize + p] = Math.round(127 * chroma[p]);
  }

  descriptor(i: number): Float32Array {
    return this.#descriptors.subarray(i * DESCRIPTOR_LENGTH, (i + 1) * DESCRIPTOR_LENGTH);
  }

  at(i: number): Fingerprint {
    return {
      descriptor: this.descriptor(i),
      luma: scaled(this.#lumas, i * lumaSize, lumaSize, 255),
      chroma: this.#chromas && scaled(this.#chromas, i * chromaSize, chromaSize, 127),
    };
  }
}

/** `length` numbers from `first` on, over `by`. */
function scaled(bytes: Uint8Array | Int8Array, first: number, length: number, by: number): Float32Array {
  const result = new Float32Array(length);
  for (let i = 0; i < length; i++) result[i] = bytes[first + i] / by;
  return result;
}

const lumaSize = LUMA_SIDE * LUMA_SIDE;
const chromaSize = 2 * CHROMA_SIDE * CHROMA_SIDE;

interface ReadImages {
  readonly contents: readonly string[];
  readonly pixelHashes: readonly string[];
  readonly prints: Fingerprints;
}

async function readAll(source: ImageSource, signal: AbortSignal | undefined): Promise<ReadImages> {
  const { shape, labels } = source;
  const size = sizeOf(shape);
  const prints = new Fingerprints(labels.length, shape[0] === 3);
  const pixelHashes: string[] = [];
  const values = new Float32Array(Math.min(BATCH, labels.length) * size);
  const bytes = new Uint8Array(size);
  const batches = batchesOf(labels.length);
  for (const [b, places] of batches.entries()) {
    signal?.throwIfAborted();
    if (b + 1 < batches.length) source.readAhead?.(batches[b + 1]);
    const images = values.subarray(0, places.length * size);
    await source.read(places, images);
    places.forEach((i, place) => {
      const image = images.subarray(place * size, (place + 1) * size);
      // Images are bytes / 255: their bytes, whatever kind of source they come from.
      for (let p = 0; p < size; p++) bytes[p] = Math.round(255 * image[p]);
      pixelHashes.push(createHash("sha256").update(bytes).digest("hex"));
      prints.set(i, fingerprint(image, shape));
    });
  }
  return { contents: source.contents ?? pixelHashes, pixelHashes, prints };
}

const batchesOf = (count: number): Uint32Array[] =>
  Array.from({ length: Math.ceil(count / BATCH) }, (_, b) =>
    Uint32Array.from({ length: Math.min(BATCH, count - b * BATCH) }, (_, i) => b * BATCH + i),
  );

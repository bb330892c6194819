/** A cache of features: what a run needs and no file has yet is computed. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DamagedFileError, jsonFile, makeFolder, removeLeftovers } from "../artifacts/index.ts";
import { type Transform, type TransformFamily, viewOf } from "../augment/index.ts";
import { type ImageSource, sampleCount } from "../data/index.ts";
import type { SessionOptions } from "../runtime/index.ts";
import { type ImageBatch, type Shape, UsageError, pickImages, readBatch, sizeOf } from "../tensor/index.ts";
import { FeatureTable } from "./feature-table.ts";
import { imageKey, memberKey } from "./keys.ts";
import { type Part, partName, readPart, writePart } from "./part-file.ts";
import { type Prefix, PrefixSession } from "./prefix-session.ts";

/** The images of a cache: those of a source, or several draws of each. */
export interface CacheImages {
  readonly count: number;
  /** Of what decides the pixels, draws included. */
  readonly hash: string;
  read(indices: ArrayLike<number>): Promise<ImageBatch>;
  /** Says which images are read next, so that they can be decoded meanwhile. */
  readAhead?(indices: ArrayLike<number>): void;
  /** The shape of one image as transforms see it. */
  readonly seenShape: Shape;
  /** Which draw of its image the one at an index is (default: 0 for all). */
  drawOf?(index: number): number;
}

/** The images as a source has them. */
export const plainImages = (source: ImageSource): CacheImages => ({
  count: sampleCount(source),
  hash: source.hash,
  seenShape: (source.surround ?? source).shape,
  read: (indices) => readBatch(source, indices),
  readAhead: (indices) => source.readAhead?.(indices),
});

export interface CacheOptions {
  /** Where the parts are kept; null keeps them in memory only. */
  readonly folder: string | null;
  /** What may be held in memory of parts that lie in files. */
  readonly memoryBytes: number;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  readonly onNote: (note: string) => void;
  readonly onProgress?: (progress: CacheProgress) => void;
}

/** What is known of a frozen part's features, in memory and in files. */
export interface FeatureCache {
  readonly prefix: Prefix;
  readonly options: CacheOptions;
  /** Of this frozen part; null for memory only. */
  readonly folder: string | null;
  readonly table: FeatureTable;
  /** Lets go of files. */
  close(): void;
}

/** How far a cache is filled. */
export interface CacheProgress {
  /** Views, of all images under all members. */
  readonly done: number;
  /** Whether none of them had to be computed so far. */
  readonly isKept: boolean;
  readonly total: number;
}

/** What a filled cache gives: features by index of the image and of the member. */
export interface Features {
  /** F */
  readonly size: number;
  read(image: number, member: number, out: Float32Array): void;
}

/** A part holds so much of features, and is made of so much of images, at most. */
const PART_BYTES = 4 * 2 ** 20;
/** Or so much, where that makes a whole batch: less than one costs as much to compute. */
const BATCH_BYTES = 64 * 2 ** 20;
const IMAGES_BYTES = 32 * 2 ** 20;

const sourceFile = jsonFile({
  version: 1,
  schema: z.object({ images: z.array(z.string()) }),
  advice: "Delete it: the images are read anew.",
});

/** Opens a cache with what its files hold. */
export function openCache(prefix: Prefix, options: CacheOptions): FeatureCache {
  const folder = options.folder === null ? null : join(options.folder, prefix.hash.slice(0, 32));
  const table = new FeatureTable(prefix.size, options.memoryBytes);
  if (folder !== null) readParts(folder, prefix, table, options.onNote);
  return { prefix, options, folder, table, close: () => table.close() };
}

/**
 * Computes what a cache lacks of these images under these members, part by part; a kill loses the part that it was at.
 *
 * @throws UsageError for an image of which the frozen part makes no finite numbers
 */
export async function fillCache(
  { prefix, options, folder, table }: FeatureCache,
  images: CacheImages,
  members: readonly Transform[],
  family: Pick<TransformFamily, "modules">,
): Promise<Features> {
  const { size, imageShape } = prefix;
  const memberKeys = members.map((member) => memberKey(member, family, images.seenShape));
  const known = folder === null ? null : readKeys(folder, images, imageShape, options.onNote);
  const keys = known ?? Array<string>(images.count).fill("");
  const imageSize = sizeOf(imageShape);
  const within = (bytes: number) => Math.floor(bytes / (4 * size * members.length));
  const fitting = Math.min(
    Math.max(within(PART_BYTES), Math.min(prefix.batch, within(BATCH_BYTES))),
    Math.floor(IMAGES_BYTES / (4 * imageSize)),
  );
  // Whole batches: of a part of one, the rest is computed for nothing.
  const perPart = Math.max(1, fitting - (fitting > prefix.batch ? fitting % prefix.batch : 0));
  const total = images.count * members.length;
  let session: PrefixSession | null = null;
  let isKept = true;
  try {
    for (let start = 0; start < images.count; start += perPart) {
      options.signal?.throwIfAborted();
      const indices = Array.from({ length: Math.min(perPart, images.count - start) }, (_, i) => start + i);
      const lacks = (key: string) => memberKeys.some((member) => !table.has(key, member));
      if (known === null || indices.some((index) => lacks(keys[index]))) {
        const read = await images.read(indices);
        const next = Math.min(images.count - start - indices.length, perPart);
        if (next > 0) images.readAhead?.(indices.slice(0, next).map((index) => index + indices.length));
        indices.forEach(
          (index, i) => (keys[index] = imageKey(pickImages(read, [i]), images.drawOf?.(index))),
        );
        // Equal images are computed once.
        const firsts = new Map(indices.toReversed().map((index) => [keys[index], index]));
        const missing = indices.filter((index) => lacks(keys[index]) && firsts.get(keys[index]) === index);
        if (missing.length > 0) {
          isKept = false;
          session ??= await PrefixSession.open(prefix, options.session);
          const places = missing.map((index) => index - start);
          const part = await compute(session, pickImages(read, places), missing);
          if (folder === null) table.add(part, null);
          else {
            makeFolder(folder);
            const path = join(folder, partName(part));
            table.add(part, { path, start: await writePart(path, part) });
          }
        }
      }
      options.onProgress?.({ done: (start + indices.length) * members.length, isKept, total });
    }
    if (folder !== null && known === null) await writeKeys(folder, images, imageShape, keys);
  } finally {
    await session?.release();
  }
  return {
    size,
    read: (image, member, out) => table.read(keys[image], memberKeys[member], out),
  };

  async function compute(
    runner: PrefixSession,
    clean: ImageBatch,
    indices: readonly number[],
  ): Promise<Part> {
    const features = new Float32Array(indices.length * members.length * size);
    for (const [m, member] of members.entries()) {
      options.signal?.throwIfAborted();
      const rows = await runner.run(m === 0 ? clean.data : viewOf(member, clean));
      const bad = rows.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw new UsageError(
          `The frozen part of the model makes ${rows[bad]} of image ${indices[Math.floor(bad / size)]} under ` +
            `"${member.name}". Leave that image out, or give a model that takes it.`,
        );
      }
      for (let i = 0; i < indices.length; i++) {
        features.set(rows.subarray(i * size, (i + 1) * size), (i * members.length + m) * size);
      }
    }
    return { prefix: prefix.hash, size, images: indices.map((i) => keys[i]), members: memberKeys, features };
  }
}

/** Parts that are damaged, or of something else, go: what they held is computed anew. */
function readParts(
  folder: string,
  prefix: Prefix,
  table: FeatureTable,
  onNote: (note: string) => void,
): void {
  if (!existsSync(folder)) return;
  removeLeftovers(folder);
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".features"))
    .sort()) {
    const path = join(folder, name);
    try {
      const part = readPart(path);
      if (!part) continue;
      if (part.prefix !== prefix.hash || part.size !== prefix.size) {
        throw new DamagedFileError(path, "it is of another frozen part", "");
      }
      table.add(part, { path, start: part.start });
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      onNote(`A part of the cache is computed anew: ${path} is damaged (${error.reason}).`);
      rmSync(path, { force: true });
    }
  }
}

const keysPath = (folder: string, { hash }: CacheImages, imageShape: Shape): string =>
  join(
    folder,
    `${createHash("sha256")
      .update(JSON.stringify([hash, imageShape]))
      .digest("hex")
      .slice(0, 32)}.images.json`,
  );

/** The keys of a source's images, where an earlier run has read them all. */
function readKeys(
  folder: string,
  images: CacheImages,
  imageShape: Shape,
  onNote: (note: string) => void,
): string[] | null {
  const path = keysPath(folder, images, imageShape);
  try {
    const found = sourceFile.read(path)?.images ?? null;
    return found?.length === images.count ? found : null;
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    onNote(`The images are read anew: ${path} is damaged (${error.reason}).`);
    return null;
  }
}

const writeKeys = (folder: string, images: CacheImages, imageShape: Shape, keys: string[]): Promise<void> =>
  sourceFile.write(keysPath(folder, images, imageShape), { images: keys });

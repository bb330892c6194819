import { sizeOf } from "../tensor/index.ts";
import { isDataset } from "./check-dataset.ts";
import { imageHash, shortHash } from "./image-hash.ts";
import type { ImageSource } from "./image-source.ts";

/** Hashes in a sketch: enough to know 500 images again among 60,000. */
const sketchLength = 512;

const known = new WeakMap<ImageSource, Promise<readonly string[]>>();

/**
 * The least hashes of a data set's images, at most 512, rising: a fixed random sample by content, whatever the images' order
 * and classes. Two data sets that share images share those of their hashes that are low (Broder's MinHash, bottom-k).
 *
 * @returns hashes of the pixels, 10 hex digits each
 */
export async function imageSketch(data: ImageSource): Promise<readonly string[]> {
  return (await hashesOf(data)).slice(0, sketchLength);
}

/**
 * How many of a data set's images are among those that a sketch is of, judged by the images whose hashes are as low as
 * the sketch's: all of them where the sketch is of 512 images or fewer.
 *
 * @param sketch  as {@link imageSketch} gives it
 */
export async function imagesInSketch(
  data: ImageSource,
  sketch: readonly string[],
): Promise<{ found: number; judged: number }> {
  const isWhole = sketch.length < sketchLength;
  const all = await hashesOf(data);
  const judged = isWhole ? all : all.filter((hash) => hash <= sketch.at(-1)!);
  const hashes = new Set(sketch);
  return { found: judged.filter((hash) => hashes.has(hash)).length, judged: judged.length };
}

/** [N], ten hex digits each: what every image is known by, its file where it comes from one, else its pixels. */
export async function contentsOf(data: ImageSource): Promise<readonly string[]> {
  return data.contents?.map(shortHash) ?? computedHashes(data);
}

/** Hashes of the distinct images, rising. */
function hashesOf(data: ImageSource): Promise<readonly string[]> {
  let hashes = known.get(data);
  if (!hashes) {
    hashes = computedHashes(data).then((all) => [...new Set(all)].sort());
    known.set(data, hashes);
  }
  return hashes;
}

async function computedHashes(data: ImageSource): Promise<string[]> {
  const size = sizeOf(data.shape);
  if (isDataset(data)) {
    return Array.from(data.labels, (_, i) => imageHash(data.pixels.subarray(i * size, (i + 1) * size)));
  }
  if (data.imageHashes) {
    const all = Uint32Array.from({ length: data.labels.length }, (_, i) => i);
    return [...(await data.imageHashes(all))];
  }
  const hashes: string[] = [];
  const values = new Float32Array(size);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < data.labels.length; i++) {
    await data.read([i], values);
    // Images are bytes / 255: their bytes, whatever kind of source they come from.
    for (let p = 0; p < size; p++) bytes[p] = Math.round(255 * values[p]);
    hashes.push(imageHash(bytes));
  }
  return hashes;
}

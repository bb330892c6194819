import { createHash } from "node:crypto";
import { sizeOf } from "../tensor/index.ts";
import type { Dataset } from "./dataset.ts";

/** Bytes kept of an image's hash: two of a million images agree by chance once in a million data sets. */
const hashBytes = 5;
/** Hashes in a sketch: enough to know 500 images again among 60,000. */
const sketchLength = 512;

const known = new WeakMap<Dataset, readonly string[]>();

/**
 * The least hashes of a data set's images, at most 512, rising: a fixed random sample by content, whatever the images' order
 * and classes. Two data sets that share images share those of their hashes that are low (Broder's MinHash, bottom-k).
 *
 * @returns hashes of the pixels, 10 hex digits each
 */
export function imageSketch(dataset: Dataset): readonly string[] {
  return hashesOf(dataset).slice(0, sketchLength);
}

/**
 * How many of a data set's images are among those that a sketch is of, judged by the images whose hashes are as low as
 * the sketch's: all of them where the sketch is of 512 images or fewer.
 *
 * @param sketch  as {@link imageSketch} gives it
 */
export function imagesInSketch(
  dataset: Dataset,
  sketch: readonly string[],
): { found: number; judged: number } {
  const isWhole = sketch.length < sketchLength;
  const judged = isWhole ? hashesOf(dataset) : hashesOf(dataset).filter((hash) => hash <= sketch.at(-1)!);
  const hashes = new Set(sketch);
  return { found: judged.filter((hash) => hashes.has(hash)).length, judged: judged.length };
}

/** Hashes of the distinct images, rising. */
function hashesOf(dataset: Dataset): readonly string[] {
  const before = known.get(dataset);
  if (before) return before;
  const size = sizeOf(dataset.shape);
  const hashes = Array.from(dataset.labels, (_, i) =>
    createHash("sha256")
      .update(dataset.pixels.subarray(i * size, (i + 1) * size))
      .digest("hex")
      .slice(0, 2 * hashBytes),
  );
  const distinct = [...new Set(hashes)].sort();
  known.set(dataset, distinct);
  return distinct;
}

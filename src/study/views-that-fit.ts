import { type ImageSource, sampleCount } from "../data/index.ts";
import { sizeOf } from "../tensor/index.ts";

/** Of the memory that is free, what the views of the training images may take. */
const SHARE = 1 / 4;

/**
 * "lazy" in the place of "eager" where all views would not fit into memory: the same bits, computed batch by batch.
 *
 * @returns with a sentence that says so
 */
export function viewsThatFit(
  wanted: "eager" | "lazy",
  images: ImageSource,
  members: number,
): { readonly augmentation: "eager" | "lazy"; readonly notes: readonly string[] } {
  const bytes = 4 * members * sampleCount(images) * sizeOf(images.shape);
  if (wanted === "lazy" || bytes <= SHARE * process.availableMemory())
    return { augmentation: wanted, notes: [] };
  return {
    augmentation: "lazy",
    notes: [
      `The views of the training images, ${Math.round(bytes / 1e6).toLocaleString("en")} MB, are computed batch by batch, as they ` +
        `would take more than a quarter of the free memory (augmentation: lazy); results are the same.`,
    ],
  };
}

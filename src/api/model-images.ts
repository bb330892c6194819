/** Which images a model takes: what `loadData` reads as `like`. */
import { AlignregError, type TakenImages } from "../tensor/index.ts";
import { loadBackbone } from "./load-backbone.ts";
import { loadClassifier } from "./load-classifier.ts";
import { takenImages } from "./taken-images.ts";

/**
 * The size and channels of the images that a model takes, and how pictures come to that size, as far as it says so.
 *
 * @param source  name of a backbone, or the path or bytes of anything that `loadClassifier` reads
 * @returns null for what cannot be read, of which `evaluate` says more
 */
export async function modelImages(
  source: string | Uint8Array,
  options: { readonly output?: string } = {},
): Promise<TakenImages | null> {
  try {
    const reading =
      typeof source === "string" ? loadBackbone(source, options) : loadClassifier(source, options);
    return takenImages(await reading);
  } catch (error) {
    if (error instanceof AlignregError) return null;
    throw error;
  }
}

/** Which images a model takes: what `loadData` reads as `like`. */
import type { Classifier } from "../models/index.ts";
import { AlignregError, type TakenImages } from "../tensor/index.ts";
import { declaredShape } from "./inspect.ts";
import { loadBackbone } from "./load-backbone.ts";
import { loadClassifier } from "./load-classifier.ts";

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

/** Those that it was trained on here, else those that its input declares, else those that files beside it name. */
export function takenImages(classifier: Classifier): TakenImages {
  const { imageShape, pictures } = classifier;
  const said = imageShape ?? declaredShape(classifier) ?? (pictures?.size && [3, ...pictures.size]);
  return {
    ...(said && { imageShape: said as [number, number, number] }),
    ...(pictures && { pictures }),
  };
}

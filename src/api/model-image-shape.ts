import type { Classifier } from "../models/index.ts";
import { AlignregError } from "../tensor/index.ts";
import { loadClassifier } from "./load-classifier.ts";

/** [channels, height, width] of an image as a model takes it. */
export type ModelImageShape = readonly [channels: number, height: number, width: number];

/**
 * What size of images a model takes: those that it was trained on here, else those that its input declares. Null where it
 * leaves that open, and for what cannot be read, of which `evaluate` says more.
 */
export async function modelImageShape(
  source: string | Uint8Array,
  options: { readonly output?: string } = {},
): Promise<ModelImageShape | null> {
  try {
    return imageShapeOf(await loadClassifier(source, options));
  } catch (error) {
    if (error instanceof AlignregError) return null;
    throw error;
  }
}

function imageShapeOf({ graph, input, imageShape, channelsLast }: Classifier): ModelImageShape | null {
  if (imageShape) return imageShape;
  const declared = graph.inputs.find(({ name }) => name === input)?.shape;
  if (declared?.length !== 4) return null;
  const [, a, b, c] = declared;
  const image = channelsLast ? [c, a, b] : [a, b, c];
  const isKnown = image.every((n) => typeof n === "number" && n > 0);
  return isKnown ? (image as [number, number, number]) : null;
}

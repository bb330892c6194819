/** What images a classifier says it takes. */
import type { Classifier } from "../models/index.ts";
import type { Shape, TakenImages } from "../tensor/index.ts";

/** Those that it was trained on here, else those that its input declares, else those that files beside it name. */
export function takenImages(classifier: Classifier): TakenImages {
  const { imageShape, pictures } = classifier;
  const said = imageShape ?? declaredShape(classifier) ?? (pictures?.size && [3, ...pictures.size]);
  return {
    ...(said && { imageShape: said as [number, number, number] }),
    ...(pictures && { pictures }),
  };
}

/** [C, H, W] where the model's input states all three. */
export function declaredShape({ graph, input, channelsLast }: Classifier): Shape | undefined {
  const lengths = graph.inputs.find(({ name }) => name === input)?.shape?.slice(1) ?? [];
  const sizes = lengths.filter((n): n is number => typeof n === "number" && n > 0);
  if (sizes.length !== 3) return undefined;
  const [a, b, c] = sizes;
  // Photographs have one channel or three.
  const isLast = channelsLast ?? (![1, 3].includes(a) && [1, 3].includes(c));
  return isLast ? [c, a, b] : [a, b, c];
}

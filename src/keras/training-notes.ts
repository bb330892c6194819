/** What training does otherwise than the model's maker would, though no number is wrong for it. */
import { isAugmentation } from "./layers/index.ts";
import { type LayerCall, usesOf } from "./model-layer.ts";

/** A sentence for each. */
export function trainingNotes(calls: readonly LayerCall[]): string[] {
  const random = [...usesOf(calls).keys()]
    .filter(({ className }) => isAugmentation(className))
    .map(({ name, className }) => `"${name}" (${className})`);
  if (random.length === 0) return [];
  return [
    `Layers that change their input at random in training are left out of it here: ${random.join(", ")}. ` +
      `Use fit's transforms, crop and flip.`,
  ];
}

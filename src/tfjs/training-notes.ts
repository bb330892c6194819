/** What `fit` does otherwise than TensorFlow.js would, though no number is wrong for it. */
import { type LayerCall, isAugmentation, layerPenalties, usesOf } from "../keras/index.ts";

/** A sentence for each of them. */
export function trainingNotes(calls: readonly LayerCall[]): string[] {
  const uses = [...usesOf(calls)];
  const random = uses
    .filter(([layer]) => isAugmentation(layer.className))
    .map(([layer]) => `"${layer.name}" (${layer.className})`);
  const counted = uses
    .filter(([layer, count]) => count > 1 && layerPenalties(layer).length > 0)
    .map(([layer, count]) => `"${layer.name}" (${count})`);
  return [
    ...(random.length > 0
      ? [
          `Layers that change their input at random in training are left out of it here: ${random.join(", ")}. ` +
            `Use fit's transforms, crop and flip.`,
        ]
      : []),
    ...(counted.length > 0
      ? [
          `The regularizers of layers that are called several times count once for each call, as in TensorFlow.js: ` +
            `${counted.join(", ")}. Keras counts them once.`,
        ]
      : []),
  ];
}

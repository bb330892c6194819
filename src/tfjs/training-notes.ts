/** What `fit` does otherwise than TensorFlow.js would, though no number is wrong for it. */
import { type LayerCall, trainingNotes as layerNotes, layerPenalties, usesOf } from "../keras/index.ts";

/** A sentence for each of them. */
export function trainingNotes(calls: readonly LayerCall[]): string[] {
  const counted = [...usesOf(calls)]
    .filter(([layer, count]) => count > 1 && layerPenalties(layer).length > 0)
    .map(([layer, count]) => `"${layer.name}" (${count})`);
  return [
    ...layerNotes(calls),
    ...(counted.length > 0
      ? [
          `The regularizers of layers that are called several times count once for each call, as in TensorFlow.js: ` +
            `${counted.join(", ")}. Keras counts them once.`,
        ]
      : []),
  ];
}

/** Regularizers of layers: penalties on their weights, which Keras adds to the loss. */
import type { LayerTerm, LayerWeight, ModelLayer } from "./model-layer.ts";

/** A penalty of one call of a layer: l1·Σ|w| + l2·Σ w². */
export interface LayerPenalty {
  readonly weight: LayerWeight;
  readonly l1: number;
  readonly l2: number;
}

/** The weight that each regularizer is about. */
const roles: ReadonlyMap<string, string> = new Map([
  ["kernelRegularizer", "kernel"],
  ["biasRegularizer", "bias"],
  ["depthwiseRegularizer", "depthwise_kernel"],
  ["pointwiseRegularizer", "pointwise_kernel"],
  ["gammaRegularizer", "gamma"],
  ["betaRegularizer", "beta"],
  ["alphaRegularizer", "alpha"],
]);

/** Whether a regularizer is one of those that have a counterpart here: l1, l2 or both, on a weight. */
export const isPenalty = (key: string, term: LayerTerm): boolean =>
  roles.has(key) && coefficients(term) !== null;

/**
 * A layer's penalties; those on weights that it does not have are left out, as TensorFlow.js does. A layer of layers, such
 * as MultiHeadAttention, hands its regularizers on to each of them ("query/kernel", "key/kernel", …).
 */
export const layerPenalties = (layer: ModelLayer): LayerPenalty[] =>
  [...layer.terms].flatMap(([key, term]) => {
    const role = roles.get(key);
    const found = coefficients(term);
    if (role === undefined || !found) return [];
    return [...layer.weights]
      .filter(([name]) => name === role || name.endsWith(`/${role}`))
      .map(([, weight]) => ({ weight, ...found }));
  });

/** Keras 3 has classes L1, L2 and L1L2 of it, TensorFlow.js and Keras 2 the last alone. */
function coefficients({ className, config }: LayerTerm): { l1: number; l2: number } | null {
  const { l1 = 0, l2 = 0 } = config;
  return ["L1", "L2", "L1L2"].includes(className) && typeof l1 === "number" && typeof l2 === "number"
    ? { l1, l2 }
    : null;
}

/** Regularizers of layers: penalties on their weights, which Keras adds to the loss. */
import type { LayerVariable } from "@tensorflow/tfjs";
import type { LayerConfig } from "./layers/converter.ts";
import type { Layer } from "./layer-calls.ts";
import { variableOf } from "./weight.ts";

/** A penalty of one call of a layer: l1·Σ|w| + l2·Σ w². */
export interface LayerPenalty {
  readonly variable: LayerVariable;
  readonly l1: number;
  readonly l2: number;
}

/** The weight that each regularizer is about. */
const roles: Readonly<Record<string, string>> = {
  kernelRegularizer: "kernel",
  biasRegularizer: "bias",
  depthwiseRegularizer: "depthwise_kernel",
  pointwiseRegularizer: "pointwise_kernel",
  gammaRegularizer: "gamma",
  betaRegularizer: "beta",
  alphaRegularizer: "alpha",
};

/** A layer's regularizers and constraints by the names of its settings; those that it has. */
export function layerTerms(layer: Layer): Map<string, unknown> {
  // Not by the settings alone: a DepthwiseConv2D gives its regularizer out as its constraint too.
  const own = layer as unknown as Readonly<Record<string, unknown>>;
  const config = layer.getConfig();
  const names = Object.keys(config).filter((key) => /(Regularizer|Constraint)$/.test(key));
  const terms = names.map((key) => [key, key in own ? own[key] : config[key]] as const);
  return new Map(terms.filter(([, term]) => term !== null && term !== undefined));
}

/** Whether a regularizer is one of those that have a counterpart here: l1, l2 or both, on a weight. */
export const isPenalty = (key: string, term: unknown): boolean =>
  Object.hasOwn(roles, key) && coefficients(term) !== null;

/** A layer's penalties; those on weights that it does not have are left out, as TensorFlow.js does. */
export const layerPenalties = (layer: Layer): LayerPenalty[] =>
  [...layerTerms(layer)].flatMap(([key, term]) => {
    const variable = Object.hasOwn(roles, key) ? variableOf(layer, roles[key]) : undefined;
    const found = coefficients(term);
    return variable && found ? [{ variable, ...found }] : [];
  });

/** Of a regularizer, or of its settings. */
function coefficients(term: unknown): { l1: number; l2: number } | null {
  const { getClassName, getConfig, className, config } = term as {
    readonly getClassName?: () => string;
    readonly getConfig?: () => LayerConfig;
    readonly className?: string;
    readonly config?: LayerConfig;
  };
  const name = getClassName ? getClassName.call(term) : className;
  const { l1, l2 } = (getConfig ? getConfig.call(term) : config) ?? {};
  return name === "L1L2" && typeof l1 === "number" && typeof l2 === "number" ? { l1, l2 } : null;
}

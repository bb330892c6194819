/** Which weights a layer has, and where the file of each form has them. */
import type { StoredLayer } from "../config/stored-layer.ts";

export interface WeightPlace {
  /** As the table of layers asks for it. */
  readonly role: string;
  /** Below the layer's group, where places are numbered. */
  readonly at: string;
  /** Below the layer's name, where weights go by name; Keras 3's own first. */
  readonly names: readonly string[];
}

type Place = string | readonly [role: string, ...names: string[]];

/** Weights that a layer numbers itself, in the order in which it makes them. */
const numbered = (places: readonly Place[], group = ""): WeightPlace[] =>
  places.map((place, i) => {
    const [role, ...names] = typeof place === "string" ? [place] : place;
    return { role, at: `${group}vars/${i}`, names: names.length > 0 ? names : [role] };
  });

const isOn = (layer: StoredLayer, key: string): boolean => layer.config[key] !== false;
const bias = (layer: StoredLayer): Place[] => (isOn(layer, "useBias") ? ["bias"] : []);

const kernel = (layer: StoredLayer) => numbered(["kernel", ...bias(layer)]);
const depthwiseKernel: Place = ["depthwise_kernel", "kernel", "depthwise_kernel"];
const depthwise = (layer: StoredLayer) => numbered([depthwiseKernel, ...bias(layer)]);
const separable = (layer: StoredLayer) => numbered(["depthwise_kernel", "pointwise_kernel", ...bias(layer)]);
const affine = (layer: StoredLayer, ...more: Place[]) =>
  numbered([...(isOn(layer, "scale") ? ["gamma"] : []), ...(isOn(layer, "center") ? ["beta"] : []), ...more]);

/** Layers inside the layer: [group, name, weights]. */
const attention: (layer: StoredLayer) => WeightPlace[] = (layer) =>
  [
    ["query_dense", "query"],
    ["key_dense", "key"],
    ["value_dense", "value"],
    ["output_dense", "attention_output"],
  ].flatMap(([group, name]) =>
    numbered(
      ["kernel", ...bias(layer)].map((part): Place => [`${name}/${part as string}`]),
      `${group}/`,
    ),
  );

const places: ReadonlyMap<string, (layer: StoredLayer) => WeightPlace[]> = new Map([
  ["Dense", kernel],
  ["EinsumDense", (layer) => numbered(["kernel", ...(layer.config.biasAxes == null ? [] : ["bias"])])],
  ["Conv1D", kernel],
  ["Conv2D", kernel],
  ["Conv1DTranspose", kernel],
  ["Conv2DTranspose", kernel],
  ["DepthwiseConv1D", depthwise],
  ["DepthwiseConv2D", depthwise],
  ["SeparableConv1D", separable],
  ["SeparableConv2D", separable],
  ["BatchNormalization", (layer) => affine(layer, "moving_mean", "moving_variance")],
  ["LayerNormalization", (layer) => (layer.config.rmsScaling === true ? numbered(["gamma"]) : affine(layer))],
  ["GroupNormalization", (layer) => affine(layer)],
  ["RMSNormalization", () => numbered([["scale", "scale"]])],
  ["PReLU", () => numbered(["alpha"])],
  ["LayerScale", () => numbered([["gamma", "gamma", "variable"]])],
  ["MultiHeadAttention", attention],
  ["Normalization", (layer) => (layer.config.mean == null ? numbered(["mean", "variance", "count"]) : [])],
]);

/** Empty for a layer without weights, and for one that the table of layers does not know. */
export const weightPlaces = (layer: StoredLayer): WeightPlace[] => places.get(layer.className)?.(layer) ?? [];

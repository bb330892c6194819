import type { LayersModel } from "@tensorflow/tfjs";

/**
 * Whether something is a layers model, as a layer of another model may be. By what it has, not by its class: a program
 * that loads two copies of TensorFlow.js (a package's own, tfjs-node's, a script tag's) has two classes of that name.
 */
export function isModel(value: unknown): value is LayersModel {
  const { layers, getLayer, predict } = (value ?? {}) as Partial<LayersModel>;
  return Array.isArray(layers) && typeof getLayer === "function" && typeof predict === "function";
}

/** A TensorFlow.js model's layers and weights as the table of layers takes them. */
import type * as tf from "@tensorflow/tfjs";
import type { LayerVariable } from "@tensorflow/tfjs";
import { type LayerTerm, type LayerWeight, type ModelLayer } from "../keras/index.ts";
import type { Layer, TfLayerCall } from "./layer-calls.ts";

/** A weight that knows its variable. */
export interface TfWeight extends LayerWeight {
  readonly variable: LayerVariable;
}

/** Every weight of a model by its variable's id; its values are copied. */
export async function readWeights(model: tf.LayersModel): Promise<Map<number, TfWeight>> {
  const names = uniqueNames(model);
  const read = [...new Map(model.weights.map((weight) => [weight.id, weight])).values()].map(
    async (variable): Promise<[number, TfWeight]> => {
      const values = (await variable.read().data()) as Float32Array;
      return [
        variable.id,
        { name: names.get(variable.id)!, shape: variable.shape as number[], values, variable },
      ];
    },
  );
  return new Map(await Promise.all(read));
}

/** The layers of the calls, each once. */
export function modelLayers(
  calls: readonly TfLayerCall[],
  weights: ReadonlyMap<number, TfWeight>,
): ReadonlyMap<Layer, ModelLayer> {
  return new Map(
    [...new Set(calls.map(({ layer }) => layer))].map((layer) => [layer, modelLayer(layer, weights)]),
  );
}

const modelLayer = (layer: Layer, weights: ReadonlyMap<number, TfWeight>): ModelLayer => ({
  name: layer.name,
  className: layer.getClassName(),
  config: layer.getConfig(),
  trainable: layer.trainable,
  weights: new Map(
    layer.weights
      .toReversed()
      .map(({ id, originalName }) => [roleOf(originalName), weights.get(id)!] as const),
  ),
  terms: layerTerms(layer),
});

/** "kernel" of "model/dense/kernel:0": names may begin with those of models and end as Python's do. */
const roleOf = (name: string): string => name.replace(/:\d+$/, "").split("/").at(-1)!;

function layerTerms(layer: Layer): Map<string, LayerTerm> {
  // Not by the settings alone: a DepthwiseConv2D gives its regularizer out as its constraint too.
  const own = layer as unknown as Readonly<Record<string, unknown>>;
  const config = layer.getConfig();
  const names = Object.keys(config).filter((key) => /(Regularizer|Constraint)$/.test(key));
  const terms = names.map((key) => [key, key in own ? own[key] : config[key]] as const);
  return new Map(
    terms.filter(([, term]) => term !== null && term !== undefined).map(([key, term]) => [key, termOf(term)]),
  );
}

/** Of a regularizer, or of its settings. */
function termOf(term: unknown): LayerTerm {
  const { getClassName, getConfig, className, config } = term as {
    readonly getClassName?: () => string;
    readonly getConfig?: () => LayerTerm["config"];
    readonly className?: string;
    readonly config?: LayerTerm["config"];
  };
  return {
    className: getClassName ? getClassName.call(term) : (className ?? ""),
    config: (getConfig ? getConfig.call(term) : config) ?? {},
  };
}

/** The weights' names as saved files have them, by variable; nested models may bring one twice. */
function uniqueNames(model: tf.LayersModel): Map<number, string> {
  const counts = new Map<string, number>();
  const weights = new Map(model.weights.map((weight) => [weight.id, weight]));
  return new Map(
    [...weights.values()].map(({ id, originalName }) => {
      const count = counts.get(originalName) ?? 0;
      counts.set(originalName, count + 1);
      return [id, count === 0 ? originalName : `${originalName}_${count}`];
    }),
  );
}

/** A TensorFlow.js model as an ONNX classifier that knows which weight each initializer is. */
import type * as tf from "@tensorflow/tfjs";
import { type Classifier, type WeightPenalty, buildClassifier } from "../models/index.ts";
import type { Graph, GraphBuilder, Value } from "../onnx/index.ts";
import { UsageError } from "../tensor/index.ts";
import { checkLayersModel } from "./check-arguments.ts";
import { classNamesOf } from "./class-names.ts";
import { checkLayers, usesOf } from "./check-layers.ts";
import { isModel } from "./is-model.ts";
import { type Layer, type LayerCalls, layerCalls } from "./layer-calls.ts";
import { layerConverters } from "./layers/index.ts";
import { logitsOf } from "./logits.ts";
import { layerPenalties } from "./penalties.ts";
import { type BoundWeight, type WeightLayout, toInitializer, variableOf } from "./weight.ts";

export interface ConvertedModel {
  readonly classifier: Classifier;
  readonly calls: LayerCalls;
  readonly weights: readonly BoundWeight[];
}

/**
 * Converts a model; its weights are copied, and the model stays as it is.
 *
 * @throws UnsupportedLayerError for layers without a counterpart; UsageError for a model that is no image classifier
 */
export async function convert(model: tf.LayersModel, where = "toClassifier"): Promise<ConvertedModel> {
  checkLayersModel(where, model);
  const imageShape = imageShapeOf(model);
  const calls = layerCalls(model);
  checkLayers(model.name, calls);
  const values = await readWeights(model);
  const names = uniqueNames(model);
  const weights = new Map<number, BoundWeight & { readonly value: Value }>();
  const layerOf = new Map<string, string>();
  const notes: string[] = [];

  function weightOf(g: GraphBuilder, layer: Layer, role: string, layout: WeightLayout = {}): Value | null {
    const variable = variableOf(layer, role);
    if (!variable) return null;
    const known = weights.get(variable.id);
    if (known) return known.value;
    const name = names.get(variable.id)!;
    const shape = variable.shape as number[];
    const value = g.initializer(name, toInitializer(values.get(variable.id)!, shape, layout));
    weights.set(variable.id, { name, variable, layout, value });
    return value;
  }

  const [height, width, channels] = imageShape;
  const { graph, ...rest } = buildClassifier(model.name, [channels, height, width], (g, images) => {
    const made = [images];
    const uses = new Map<string, number>();
    for (const { layer, inputs, output } of calls.calls) {
      const use = (uses.get(layer.name) ?? 0) + 1;
      uses.set(layer.name, use);
      const context = {
        g,
        // ONNX Runtime refuses two nodes of one name.
        name: use === 1 ? layer.name : `${layer.name}:${use}`,
        config: layer.getConfig(),
        weight: (role: string, layout?: WeightLayout) => weightOf(g, layer, role, layout),
      };
      const { convert: toNodes } = layerConverters.get(layer.getClassName())!;
      made[output] = toNodes(
        context,
        inputs.map((i) => made[i]),
      );
      if (!layerOf.has(made[output].name)) layerOf.set(made[output].name, layer.name);
    }
    const found = logitsOf(g, made[calls.output], model.name);
    notes.push(...found.notes);
    return found.logits;
  });
  const penalties = penaltiesOf(calls, weights);
  const classNames = classNamesOf(model);
  return {
    classifier: {
      ...rest,
      graph: withOpset(withLayerNames(graph, layerOf)),
      runningVariance: "biased",
      ...(penalties.length > 0 && { penalties }),
      ...(classNames && { classNames }),
      ...(notes.length > 0 && { notes }),
    },
    calls,
    weights: [...weights.values()].map(({ name, variable, layout }) => ({ name, variable, layout })),
  };
}

/** Of a layer that is called several times there is one for each call, as TensorFlow.js adds them up. */
const penaltiesOf = ({ calls }: LayerCalls, weights: ReadonlyMap<number, BoundWeight>): WeightPenalty[] =>
  [...usesOf(calls)].flatMap(([layer, uses]) =>
    layerPenalties(layer).flatMap(({ variable, l1, l2 }) => {
      const bound = weights.get(variable.id);
      return bound ? [{ weight: bound.name, l1: l1 * uses, l2: l2 * uses }] : [];
    }),
  );

/** [H, W, C] of the model's one input. */
function imageShapeOf(model: tf.LayersModel): readonly [number, number, number] {
  if (!isModel(model)) {
    throw new UsageError(
      "What was passed is no layers model of TensorFlow.js. Pass what tf.sequential, tf.model or loadLayersModel gives; " +
        "a graph model keeps no layers.",
    );
  }
  const { name, inputs, outputs } = model;
  if (!inputs?.length || !outputs?.length) {
    throw new UsageError(`The model "${name}" is not built. Give its first layer an inputShape.`);
  }
  if (inputs.length > 1 || outputs.length > 1) {
    throw new UsageError(
      `An image classifier has one input and one output; the model "${name}" has ${inputs.length} and ` +
        `${outputs.length}. Make a model of the part that classifies: tf.model({ inputs, outputs }).`,
    );
  }
  const shape = inputs[0].shape.slice(1);
  if (shape.length !== 3 || !shape.every((n) => n !== null && n > 0)) {
    throw new UsageError(
      `An image classifier takes images [height, width, channels] of a fixed size; the model "${name}" takes ` +
        `[${shape.map((n) => n ?? "?").join(", ")}]. Give its first layer such an inputShape, with a Flatten or ` +
        `Reshape behind it if the next one takes vectors.`,
    );
  }
  return shape as [number, number, number];
}

async function readWeights(model: tf.LayersModel): Promise<Map<number, Float32Array>> {
  const read = model.weights.map(
    async (weight) => [weight.id, (await weight.read().data()) as Float32Array] as const,
  );
  return new Map(await Promise.all(read));
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

/** Each layer's output named for the layer, so that options can name it; where the name is free. */
function withLayerNames(graph: Graph, layerOf: ReadonlyMap<string, string>): Graph {
  const taken = new Set([
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
    ...graph.inputs.map(({ name }) => name),
  ]);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const renamed = new Map<string, string>();
  for (const value of graph.nodes.flatMap((node) => node.outputs)) {
    const layer = layerOf.get(value);
    if (layer === undefined || outputs.has(value) || taken.has(layer)) continue;
    taken.add(layer);
    renamed.set(value, layer);
  }
  const rename = (value: string) => renamed.get(value) ?? value;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
  };
}

/** Gelu came with opset 20. */
const withOpset = (graph: Graph): Graph =>
  graph.nodes.some(({ opType }) => opType === "Gelu")
    ? { ...graph, opsets: new Map([...graph.opsets, ["", 20]]) }
    : graph;

/** A layered model as an ONNX classifier that knows which weight each initializer is. */
import { type Classifier, type WeightPenalty, buildClassifier } from "../models/index.ts";
import { type Graph, type GraphBuilder, type Value, renameValues } from "../onnx/index.ts";
import { AlignregError, UsageError } from "../tensor/index.ts";
import { type LayerProblem, UnsupportedLayerError } from "./errors.ts";
import { conversionProblems } from "./layer-problems.ts";
import {
  type Dialect,
  type LayerContext,
  isAugmentation,
  layerConverters,
  layersOf,
} from "./layers/index.ts";
import { logitsOf } from "./logits.ts";
import {
  type LayerCall,
  type LayerWeight,
  type LayeredModel,
  type ModelLayer,
  kerasShape,
  usesOf,
} from "./model-layer.ts";
import { layerPenalties } from "./penalties.ts";
import { type WeightLayout, toInitializer } from "./weight-layout.ts";

/** A weight of a model and the initializer of its name that stands for it. */
export interface BoundWeight {
  readonly weight: LayerWeight;
  readonly layout: WeightLayout;
}

export interface BuiltModel {
  readonly classifier: Classifier;
  readonly weights: readonly BoundWeight[];
}

export interface BuildOptions {
  /** What else keeps a call from being converted (default: nothing), a sentence each. */
  readonly problems?: (call: LayerCall) => readonly string[];
  /** What to do about layers that cannot be converted, a sentence. */
  readonly advice?: string;
  /** Regularizers of a layer that is called several times count once for each call in TensorFlow.js; once in Keras. */
  readonly dialect: Dialect;
}

/**
 * Builds the graph. Its batch is symbolic, its images are [N, C, H, W]; initializers have the weights' names, tensors
 * inside the layers'.
 *
 * @throws UnsupportedLayerError that lists every layer without a counterpart; UsageError for a model that gives no classes
 */
export function buildModel(model: LayeredModel, options: BuildOptions): BuiltModel {
  const [height, width, channels] = model.imageShape;
  const weights = new Map<LayerWeight, BoundWeight & { readonly value: Value }>();
  const layerOf = new Map<string, string>();
  const notes: string[] = [];

  function bind(g: GraphBuilder, weight: LayerWeight | undefined, layout: WeightLayout): Value | null {
    if (!weight) return null;
    const known = weights.get(weight);
    if (known) return known.value;
    const value = g.initializer(weight.name, toInitializer(weight.values, weight.shape, layout));
    weights.set(weight, { weight, layout, value });
    return value;
  }

  const { graph, ...rest } = buildClassifier(model.name, [channels, height, width], (g, images) => {
    const output = runCalls(g, model, images, options, layerOf, (weight, layout) => bind(g, weight, layout));
    const found = logitsOf(g, output, model.name);
    notes.push(...found.notes);
    return found.logits;
  });
  const penalties = penaltiesOf(model.calls, weights, options.dialect === "tfjs");
  return {
    classifier: {
      ...rest,
      // So that options can name a layer's output.
      graph: withOpset(renameValues(graph, layerOf)),
      imageShape: [channels, height, width],
      runningVariance: "biased",
      ...(penalties.length > 0 && { penalties }),
      ...(notes.length > 0 && { notes, outputNotes: notes }),
    },
    weights: [...weights.values()].map(({ weight, layout }) => ({ weight, layout })),
  };
}

type Bind = (weight: LayerWeight | undefined, layout: WeightLayout) => Value | null;

/** The model's output; `layerOf` learns which value each layer gave. */
function runCalls(
  g: GraphBuilder,
  { name, calls, output }: LayeredModel,
  images: Value,
  options: BuildOptions,
  layerOf: Map<string, string>,
  bind: Bind,
): Value {
  // What follows a layer that cannot be converted is unknown, and is looked at no further than for its kind.
  const made: (Value | undefined)[] = [images];
  const uses = new Map<string, number>();
  const problems = new Map<string, LayerProblem>();
  for (const call of calls) {
    const { layer, inputs: numbers, output: to, inputShapes } = call;
    const inputs = numbers.map((i) => made[i]).filter((value) => value !== undefined);
    const isKnown = inputs.length === numbers.length;
    const found = [
      ...conversionProblems(
        call,
        inputShapes ?? (isKnown ? inputs.map(kerasShape) : undefined),
        options.dialect,
      ),
      ...(options.problems?.(call) ?? []),
    ];
    for (const problem of found) {
      const facts = { layer: layer.name, className: layer.className, problem };
      problems.set(`${layer.name}\n${problem}`, facts);
    }
    if (found.length > 0 || !isKnown) continue;
    const use = (uses.get(layer.name) ?? 0) + 1;
    uses.set(layer.name, use);
    const context = {
      g,
      // ONNX Runtime refuses two nodes of one name.
      name: use === 1 ? layer.name : `${layer.name}:${use}`,
      config: layer.config,
      trainable: layer.trainable,
      numbersOf: (role: string) => layer.weights.get(role)?.values,
      call: call.call,
      weight: (role: string, layout: WeightLayout = {}) => bind(layer.weights.get(role), layout),
    };
    const value = converted(layer, context, inputs);
    made[to] = value;
    if (!layerOf.has(value.name)) layerOf.set(value.name, layer.name);
  }
  if (problems.size > 0) {
    const supported = layersOf(options.dialect).filter((kind) => !isAugmentation(kind));
    throw new UnsupportedLayerError(name, [...problems.values()], supported, options.advice);
  }
  const value = made[output];
  if (value) return value;
  throw new UsageError(
    `No layer of the model ${name} makes its output. The file is damaged: save the model anew.`,
  );
}

/** @throws UsageError that names the layer where its weights, settings and inputs contradict one another */
function converted(layer: ModelLayer, context: LayerContext, inputs: readonly Value[]): Value {
  try {
    return layerConverters.get(layer.className)!.convert(context, inputs);
  } catch (error) {
    if (!(error instanceof AlignregError)) throw error;
    const shapes = inputs.map((input) => `[${kerasShape(input).map((n) => n ?? "N")}]`).join(", ");
    throw new UsageError(
      `The layer "${layer.name}" (${layer.className}) cannot take its input ${shapes} with its settings and weights: ${error.message}`,
      { cause: error },
    );
  }
}

const penaltiesOf = (
  calls: readonly LayerCall[],
  weights: ReadonlyMap<LayerWeight, BoundWeight>,
  isPerCall: boolean,
): WeightPenalty[] =>
  [...usesOf(calls)].flatMap(([layer, uses]) =>
    layerPenalties(layer).flatMap(({ weight, l1, l2 }) => {
      const times = isPerCall ? uses : 1;
      return weights.has(weight) ? [{ weight: weight.name, l1: l1 * times, l2: l2 * times }] : [];
    }),
  );

/** Gelu came with opset 20. */
const withOpset = (graph: Graph): Graph =>
  graph.nodes.some(({ opType }) => opType === "Gelu")
    ? { ...graph, opsets: new Map([...graph.opsets, ["", 20]]) }
    : graph;

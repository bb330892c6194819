/** A classifier on its way into a step: what of it the loss needs, and what of that trains. */
import { type GradientDefinition, rulesByOperator } from "../autodiff/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, prunedGraph, resolveBranches, upgradeGraph, withSingleCopies } from "../onnx/index.ts";
import {
  type GraphUse,
  type Trainable,
  chosenNames,
  frozenStatistics,
  separateParameters,
} from "../parameters/index.ts";
import type { Shape } from "../tensor/index.ts";
import { gradientsOf } from "./own-gradients.ts";

export interface PreparedModel {
  readonly classifier: Classifier;
  /** The graph as it will be written, with an initializer for each parameter, under the names of the trained weights. */
  readonly separate: Graph;
  /** The part that the loss depends on, with branches taken that follow from the images' size, at the file's opset … */
  readonly part: Graph;
  /** … and at the current one. */
  readonly graph: Graph;
  /** Where the part begins and ends. */
  readonly use: GraphUse;
  /** Shape of one image as the graph takes it. */
  readonly image: Shape;
  /** Names of the initializers that train. */
  readonly trained: readonly string[];
  /** Running variances of the BatchNormalization nodes that keep their statistics. */
  readonly frozen: ReadonlySet<string>;
}

/**
 * @param shape  of one image, [C, H, W]
 * @throws UsageError for a choice of what trains that does not fit
 */
export function prepareModel(
  classifier: Classifier,
  shape: Shape,
  {
    trainable,
    align,
    gradients = [],
  }: {
    readonly trainable: Trainable;
    readonly align: string;
    readonly gradients?: readonly GradientDefinition[];
  },
): PreparedModel {
  const { input, logits, metadata, channelsLast } = classifier;
  const [channels, ...spatial] = shape;
  const image = channelsLast ? [...spatial, channels] : shape;
  const aligned = align === "logits" || align === "softmax" ? undefined : align;
  const whole = withSingleCopies(separateParameters(classifier.graph), input, image, logits);
  const targets = [logits, ...(aligned === undefined ? [] : [aligned])];
  const part = separateParameters(resolveBranches(prunedGraph(whole, targets), input, image));
  const held = new Set(whole.initializers.keys());
  const ownRules = new Set(rulesByOperator(gradientsOf(gradients)).keys());
  const use: GraphUse = { input, logits, aligned, metadata, held, ownRules };
  const trained = chosenNames(part, trainable, use);
  // What trains inside a branch has a name only once the branch is taken.
  const isOutside = trained.every((name) => whole.initializers.has(name));
  return {
    classifier,
    separate: isOutside ? whole : separateParameters(resolveBranches(whole, input, image)),
    part,
    graph: upgradeGraph(part),
    use,
    image,
    trained,
    frozen: frozenStatistics(part, trained, use),
  };
}

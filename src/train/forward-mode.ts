/**
 * A classifier's graph inlined for training or for evaluation. Exporters write either form; what counts here is the
 * mode that is asked for.
 */
import type { ForwardPass } from "../align/index.ts";
import {
  type Graph,
  type GraphBuilder,
  type GraphNode,
  ModelError,
  type Value,
  describeNode,
  float,
  floatAttribute,
  inlineGraph,
} from "../onnx/index.ts";
import { dependingOn } from "../parameters/index.ts";
import { numbersOf } from "../tensor/index.ts";

/** A mask that dropout multiplies by: fed at each step, 0 or 1/(1 − ratio). */
export interface DropoutMask {
  readonly value: Value;
  readonly ratio: number;
}

/** Running statistics that a training pass moves. */
export interface StatisticsUpdate {
  /** Initializers that hold them. */
  readonly mean: string;
  readonly variance: string;
  readonly nextMean: Value;
  readonly nextVariance: Value;
}

/** What a training pass leaves behind besides its values. */
export interface TrainingEffects {
  readonly masks: DropoutMask[];
  readonly statistics: StatisticsUpdate[];
}

interface Source {
  readonly graph: Graph;
  /** Name of the images (default: the graph's input). */
  readonly input?: string;
  readonly logits: string;
  /** The images, and initializers that are shared between passes. */
  readonly bindings: ReadonlyMap<string, Value>;
  readonly prefix: string;
}

/** How BatchNormalization behaves in training. */
export interface StatisticsMode {
  /** Running variances of nodes that keep their statistics, as their scale and bias are kept. */
  readonly frozen: ReadonlySet<string>;
  readonly runningVariance: "unbiased" | "biased";
}

/** Whether a graph computes something else in training mode than in evaluation mode. */
export const modesDiffer = ({ nodes }: Graph, { frozen }: StatisticsMode): boolean =>
  nodes.some(
    ({ opType, inputs }) =>
      opType === "Dropout" || (opType === "BatchNormalization" && !frozen.has(inputs[4])),
  );

/** Evaluation mode: running statistics, no dropout. */
export function evaluationPass(g: GraphBuilder, source: Source): ForwardPass {
  const { graph, logits, bindings, prefix } = source;
  const ofImages = dependingOn(graph, source.input ?? graph.inputs[0].name);
  const values = inlineGraph(g, graph, bindings, {
    prefix,
    rewrite: (_, node, inputs) => {
      if (node.opType === "Dropout") return [inputs[0]!];
      if (node.opType !== "BatchNormalization") return null;
      return ofImages.has(node.inputs[0])
        ? inEvaluation(g, node, inputs, prefix)
        : weightNormalization(g, node, inputs as readonly Value[]);
    },
  });
  return passOf(values, logits);
}

/** Training mode: batch statistics and dropout by seeded masks; what they change is appended to `effects`. */
export function trainingPass(
  g: GraphBuilder,
  source: Source,
  effects: TrainingEffects,
  mode: StatisticsMode = { frozen: new Set(), runningVariance: "unbiased" },
): ForwardPass {
  const { graph, logits, bindings, prefix } = source;
  const ofImages = dependingOn(graph, source.input ?? graph.inputs[0].name);
  const values = inlineGraph(g, graph, bindings, {
    prefix,
    rewrite: (_, node, inputs) => {
      if (node.opType === "Dropout") return [dropout(g, node, inputs, effects)];
      if (node.opType !== "BatchNormalization") return null;
      if (!ofImages.has(node.inputs[0])) return weightNormalization(g, node, inputs as readonly Value[]);
      return mode.frozen.has(node.inputs[4])
        ? inEvaluation(g, node, inputs, prefix)
        : [batchNormalization(g, node, inputs as readonly Value[], effects, mode)];
    },
  });
  return passOf(values, logits);
}

function passOf(values: ReadonlyMap<string, Value>, logits: string): ForwardPass {
  const found = values.get(logits);
  if (!found)
    throw new ModelError(`The model has no tensor "${logits}". Name the output that holds the logits.`);
  return { logits: found, named: (tensor) => values.get(tensor) };
}

function dropout(
  g: GraphBuilder,
  node: GraphNode,
  [x, ratioInput]: readonly (Value | null)[],
  { masks }: TrainingEffects,
): Value {
  const ratio = ratioInput?.constant ? numbersOf(ratioInput.constant)[0] : ratioInput ? NaN : 0.5;
  if (!(ratio >= 0 && ratio < 1)) {
    throw new ModelError(`${describeNode(node)} needs a constant ratio in [0, 1); it has ${ratio}.`);
  }
  if (ratio === 0) return x!;
  const value = g.input(`dropout:${masks.length}`, "float32", x!.shape);
  masks.push({ value, ratio });
  return g.mul(x!, value);
}

/** BatchNormalization by its running statistics. */
function inEvaluation(
  g: GraphBuilder,
  node: GraphNode,
  inputs: readonly (Value | null)[],
  prefix: string,
): Value[] {
  const epsilon = float(floatAttribute(node, "epsilon", 1e-5));
  const options = { name: node.name && prefix + node.name, outputs: [prefix + node.outputs[0]] };
  return g.op("BatchNormalization", inputs, { epsilon }, options);
}

/** With momentum 0, outputs 1 and 2 are the batch mean and the biased batch variance. */
function batchNormalization(
  g: GraphBuilder,
  node: GraphNode,
  inputs: readonly Value[],
  { statistics }: TrainingEffects,
  { runningVariance: kept }: StatisticsMode,
): Value {
  const epsilon = float(floatAttribute(node, "epsilon", 1e-5));
  const momentum = floatAttribute(node, "momentum", 0.9);
  const [y, mean, variance] = g.op(
    "BatchNormalization",
    inputs,
    { epsilon, momentum: float(0), training_mode: 1 },
    { outputs: 3 },
  );
  const [x] = inputs;
  const [meanName, varianceName] = node.inputs.slice(3, 5);
  // A layer that is called twice moves its statistics twice.
  const earlier = statistics.findIndex(({ mean: name }) => name === meanName);
  const [before] = earlier < 0 ? [] : statistics.splice(earlier, 1);
  const runningMean = before?.nextMean ?? inputs[3];
  const runningVariance = before?.nextVariance ?? inputs[4];
  const count = x.shape.reduce((a, b) => a * b, 1) / x.shape[1];
  // A single value per channel has no variance: it says nothing of the data's (PyTorch refuses such a batch).
  const share = count > 1 ? 1 - momentum : 0;
  const correction = kept === "unbiased" && count > 1 ? count / (count - 1) : 1;
  const blend = (running: Value, batch: Value) =>
    share === 0 ? running : g.add(g.scale(running, 1 - share), g.scale(batch, share));
  statistics.push({
    mean: meanName,
    variance: varianceName,
    nextMean: blend(runningMean, mean),
    nextVariance: blend(runningVariance, g.scale(variance, correction)),
  });
  return y;
}

/**
 * BatchNormalization of weights (weight standardization): in training and in evaluation by the weights' own mean and
 * variance, as they are computed anew in each step. There is nothing that runs.
 *
 *   y = scale·(x − mean)/√(var + ε) + bias, per channel
 */
function weightNormalization(g: GraphBuilder, node: GraphNode, inputs: readonly Value[]): Value[] {
  const [x, scale, bias] = inputs;
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const perChannel = (value: Value) => g.reshape(value, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  const centred = g.sub(x, g.mean(x, axes, { keep: true }));
  const variance = g.mean(g.mul(centred, centred), axes, { keep: true });
  const deviation = g.sqrt(g.add(variance, g.scalar(floatAttribute(node, "epsilon", 1e-5))));
  return [g.add(g.mul(g.div(centred, deviation), perChannel(scale)), perChannel(bias))];
}

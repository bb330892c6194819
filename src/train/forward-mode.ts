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
export function evaluationPass(g: GraphBuilder, { graph, logits, bindings, prefix }: Source): ForwardPass {
  const values = inlineGraph(g, graph, bindings, {
    prefix,
    rewrite: (_, node, inputs) => {
      if (node.opType === "Dropout") return [inputs[0]!];
      return node.opType === "BatchNormalization" ? inEvaluation(g, node, inputs, prefix) : null;
    },
  });
  return passOf(values, logits);
}

/** Training mode: batch statistics and dropout by seeded masks; what they change is appended to `effects`. */
export function trainingPass(
  g: GraphBuilder,
  { graph, logits, bindings, prefix }: Source,
  effects: TrainingEffects,
  mode: StatisticsMode = { frozen: new Set(), runningVariance: "unbiased" },
): ForwardPass {
  const values = inlineGraph(g, graph, bindings, {
    prefix,
    rewrite: (_, node, inputs) => {
      if (node.opType === "Dropout") return [dropout(g, node, inputs, effects)];
      if (node.opType !== "BatchNormalization") return null;
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
  const [x, , , runningMean, runningVariance] = inputs;
  const count = x.shape.reduce((a, b) => a * b, 1) / x.shape[1];
  // A single value per channel has no unbiased variance, and its biased one (0) is kept.
  const correction = kept === "unbiased" && count > 1 ? count / (count - 1) : 1;
  const blend = (running: Value, batch: Value) =>
    g.add(g.scale(running, momentum), g.scale(batch, 1 - momentum));
  statistics.push({
    mean: node.inputs[3],
    variance: node.inputs[4],
    nextMean: blend(runningMean, mean),
    nextVariance: blend(runningVariance, g.scale(variance, correction)),
  });
  return y;
}

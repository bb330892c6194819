/** One training step as one graph: selection, forward, loss, backward, update. */
import { type ForwardPass, type Objective, buildObjective } from "../align/index.ts";
import { backward, semanticInference } from "../autodiff/index.ts";
import { cropDeadBorder, lower, poolInPhases, reluAfterPool, webgpuForm } from "../lower/index.ts";
import type { Classifier } from "../models/index.ts";
import {
  type Graph,
  GraphBuilder,
  UnsupportedOpError,
  type Value,
  upgradeGraph,
  withoutOpaque,
} from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";
import type { CriticPlan } from "./critic-plan.ts";
import { addCritic } from "./critic-step.ts";
import {
  type StatisticsMode,
  type TrainingEffects,
  evaluationPass,
  modesDiffer,
  trainingPass,
} from "./forward-mode.ts";
import { modelInput } from "./model-input.ts";
import type { Optimizer } from "./optimizer.ts";
import { type ParameterLayout, joinSlots, splitSlots } from "./parameter-layout.ts";
import { withPenalties } from "./penalties.ts";
import { reuseSelectionPass } from "./reuse-selection.ts";
import { isRowIndependent } from "./row-independence.ts";
import { passPrefixes, stepNames } from "./step-names.ts";

/** Everything that shapes a step, apart from the batch. */
export interface StepPlan {
  readonly classifier: Classifier;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly layout: ParameterLayout;
  /** Channels in a block of the blocked lowering; left out for the plain one. */
  readonly block?: number;
  /** "webgpu" for operators that this provider has and computes rightly. */
  readonly target?: "webgpu";
  /** Running variances of BatchNormalization nodes that keep their statistics (default: none do). */
  readonly frozenStatistics?: ReadonlySet<string>;
  /** Initializers that steps change without a gradient: running statistics. */
  readonly buffers: readonly { readonly name: string; readonly shape: Shape }[];
  /** Largest global l2 norm of the gradient; null for no clipping. */
  readonly clipNorm: number | null;
  /** Classes of the data, of which the model must tell at least as many apart; left out, it is not checked. */
  readonly classes?: number;
  /** One image, [C, H, W]. */
  readonly imageShape: Shape;
  /** Images per sample that a step is fed: 1, 2 (clean and drawn view), or the size of the family. */
  readonly viewsPerSample: number;
  /** What the objective's regularizer trains beside the model; null for one without. */
  readonly critic: CriticPlan | null;
}

/** A step for one batch size, and the inputs of it that are made at each step. */
export interface StepGraph {
  readonly graph: Graph;
  readonly masks: readonly { readonly name: string; readonly shape: Shape; readonly ratio: number }[];
}

/** Scalar outputs of a step; those that a method lacks are left out of the graph. */
export type StepMeasure =
  "loss" | "cleanLoss" | "viewLoss" | "alignment" | "correct" | "gradientNorm" | "criticLoss";

/** Put before the value names of the passes in evaluation mode: that of the choice, and that of the terms. */
const evaluationPrefixes = { selection: passPrefixes.select, terms: passPrefixes.terms } as const;

/** Builds the step for a batch of `batchSize` samples, ready to load. */
export function buildStepGraph(plan: StepPlan, batchSize: number): StepGraph {
  const { classifier, objective, optimizer, layout } = plan;
  const g = new GraphBuilder({ extension: semanticInference });
  const pixels = g.input(stepNames.images, "float32", [batchSize * plan.viewsPerSample, ...plan.imageShape]);
  const images = modelInput(g, classifier, pixels);
  const labels = g.input(stepNames.labels, "int64", [batchSize]);
  const alignmentWeight = g.input(stepNames.alignmentWeight, "float32", []);
  const scalar = Object.fromEntries(
    Object.keys(optimizer.scalars(1, 0)).map((name) => [
      name,
      g.input(stepNames.scalar(name), "float32", []),
    ]),
  );
  const slots = layout.slots.map(({ size }, i) => g.input(stepNames.slot(i), "float32", [size]));
  const states = layout.slots.map(({ size }, i) =>
    Array.from({ length: optimizer.stateCount }, (_, k) => g.input(stepNames.state(i, k), "float32", [size])),
  );
  const buffers = plan.buffers.map(
    ({ name, shape }) => [name, g.input(stepNames.buffer(name), "float32", shape)] as const,
  );
  const parameters = splitSlots(g, layout, slots);

  const upgraded = upgradeGraph(classifier.graph);
  const aligned = new Set([objective.align]);
  const whole = cropDeadBorder(upgraded, classifier.input, images.shape.slice(1), aligned);
  const graph = poolInPhases(reluAfterPool(whole, aligned), aligned);
  const effects: TrainingEffects = { masks: [], statistics: [] };
  const changing = new Map([...parameters, ...buffers]);
  // Constants too are bound once, or each pass would bring its own copy.
  const constants = [...graph.initializers]
    .filter(([name]) => !changing.has(name))
    .map(([name, value]) => [name, g.constant(value)] as const);
  const source = (batch: Value, prefix: string) => ({
    graph,
    input: classifier.input,
    logits: classifier.logits,
    bindings: new Map([...constants, ...changing, ...moved(effects), [classifier.input, batch]]),
    prefix,
  });
  const mode: StatisticsMode = {
    frozen: plan.frozenStatistics ?? new Set(),
    runningVariance: classifier.runningVariance ?? "unbiased",
  };
  const train = (batch: Value): ForwardPass => {
    const pass = trainingPass(g, source(batch, passPrefixes.train), effects, mode);
    checkRows(pass.logits.shape, batch.shape, classifier);
    checkClasses(pass.logits.shape, plan);
    return pass;
  };
  const evaluate = (batch: Value, use: keyof typeof evaluationPrefixes): ForwardPass => {
    const pass = evaluationPass(g, source(batch, evaluationPrefixes[use]));
    checkRows(pass.logits.shape, batch.shape, classifier);
    checkClasses(pass.logits.shape, plan);
    return pass;
  };
  const critic = plan.critic && addCritic(g, plan.critic, batchSize);
  const terms = buildObjective(g, objective, {
    images,
    labels,
    alignmentWeight,
    train,
    evaluate,
    modesDiffer: modesDiffer(graph, mode),
    critic: critic?.inputs ?? null,
  });
  const loss = withPenalties(g, terms.loss, classifier.penalties ?? [], new Map([...constants, ...changing]));

  const names = [...parameters.keys()];
  const gradients = namedAsInModel(() => backward(g, loss, [...parameters.values()]));
  const joined = joinSlots(g, layout, new Map(names.map((name, i) => [name, gradients[i]])));
  const { clipped, norm } = clip(g, joined, plan.clipNorm);

  const outputs: Record<string, Value> = {};
  const { rows, ...scalars } = terms;
  const measures: Partial<Record<StepMeasure, Value | null>> = { ...scalars, loss, gradientNorm: norm };
  for (const [name, value] of Object.entries(measures)) if (value) outputs[name] = value;
  slots.forEach((parameter, i) => {
    const updated = optimizer.update(g, { parameter, gradient: clipped[i], state: states[i], scalar });
    outputs[stepNames.next(stepNames.slot(i))] = updated.parameter;
    updated.state.forEach((value, k) => (outputs[stepNames.next(stepNames.state(i, k))] = value));
  });
  for (const { mean, variance, nextMean, nextVariance } of effects.statistics) {
    outputs[stepNames.next(stepNames.buffer(mean))] = nextMean;
    outputs[stepNames.next(stepNames.buffer(variance))] = nextVariance;
  }
  Object.assign(outputs, critic?.outputs());
  const step = g.build(`${classifier.graph.name} step`, outputs);
  // The compatible preset selects among a slice of the views, whose rows are others than the images'.
  const canReuse =
    rows &&
    objective.terms === "mean" &&
    isRowIndependent(upgraded, classifier.input, images.shape.slice(1), mode.frozen);
  const lowered = lower(canReuse ? reuseSelectionPass(step, rows.name, images.name, passPrefixes) : step, {
    block: plan.block ?? null,
  });
  const targeted = plan.target === "webgpu" ? webgpuForm(lowered) : lowered;
  return {
    graph: withoutOpaque(targeted, classifier.graph.opsets),
    masks: effects.masks.map(({ value, ratio }) => ({ name: value.name, shape: value.shape, ratio })),
  };
}

/** What has no gradient is named without the prefix of the pass that it is in. */
function namedAsInModel<T>(differentiate: () => T): T {
  try {
    return differentiate();
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
    const { opType, node } = error;
    const without = (text: string) =>
      Object.values(passPrefixes).reduce((rest, prefix) => rest.replaceAll(`"${prefix}`, '"'), text);
    const facts = { opType, node: without(`"${node}`).slice(1) };
    throw new UnsupportedOpError(without(error.message), facts);
  }
}

/** The loss takes a row of logits for each image. */
function checkRows(logits: Shape, images: Shape, { graph, logits: name }: Classifier): void {
  if (logits.length === 2 && logits[0] === images[0]) return;
  throw new UsageError(
    `The model "${graph.name}" gives [${logits}] in "${name}" for ${images[0]} images; its logits must be ` +
      `[N, classes], a row for each image. Name the right tensor (output), or end the model with one.`,
  );
}

/** What the statistics are once a training pass has moved them. */
const moved = ({ statistics }: TrainingEffects): [string, Value][] =>
  statistics.flatMap(({ mean, variance, nextMean, nextVariance }): [string, Value][] => [
    [mean, nextMean],
    [variance, nextVariance],
  ]);

/** A label beyond the logits has no probability at all, and its loss would be 0. */
function checkClasses(logits: Shape, { classifier, classes = 0 }: StepPlan): void {
  const told = logits.at(-1) ?? 0;
  if (told < classes) {
    throw new UsageError(
      `The model "${classifier.graph.name}" tells ${told} classes apart; the data has ${classes}.`,
    );
  }
}

/** Scales the gradients so that their global l2 norm is at most `maxNorm`, as torch.nn.utils.clip_grad_norm_. */
function clip(
  g: GraphBuilder,
  gradients: readonly Value[],
  maxNorm: number | null,
): { clipped: readonly Value[]; norm: Value | null } {
  if (maxNorm === null) return { clipped: gradients, norm: null };
  const squares = gradients.map((gradient) => g.sum(g.mul(gradient, gradient), [0]));
  const norm = g.sqrt(squares.reduce((a, b) => g.add(a, b)));
  const factor = g.op1("Min", [g.div(g.scalar(maxNorm), g.add(norm, g.scalar(1e-6))), g.scalar(1)]);
  return { clipped: gradients.map((gradient) => g.mul(gradient, factor)), norm };
}

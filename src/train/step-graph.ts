/** One training step as one graph: selection, forward, loss, backward, update. */
import { buildObjective } from "../align/index.ts";
import { backward, semanticInference } from "../autodiff/index.ts";
import { lower, webgpuForm } from "../lower/index.ts";
import { type Graph, GraphBuilder, UnsupportedOpError, type Value, withoutOpaque } from "../onnx/index.ts";
import type { Shape } from "../tensor/index.ts";
import { addCritic } from "./critic-step.ts";
import type { TrainingEffects } from "./forward-mode.ts";
import { joinSlots } from "./parameter-layout.ts";
import { withPenalties } from "./penalties.ts";
import { reuseSelectionPass } from "./reuse-selection.ts";
import { addModel, keepsRowsApart } from "./step-model.ts";
import { passPrefixes, stepNames } from "./step-names.ts";
import type { StepPlan } from "./step-plan.ts";
import { addOptimizer, updated } from "./step-update.ts";

/** A step for one batch size, and the inputs of it that are made at each step. */
export interface StepGraph {
  readonly graph: Graph;
  readonly masks: readonly { readonly name: string; readonly shape: Shape; readonly ratio: number }[];
}

/** Scalar outputs of a step; those that a method lacks are left out of the graph. */
export type StepMeasure =
  "loss" | "cleanLoss" | "viewLoss" | "alignment" | "correct" | "spread" | "gradientNorm" | "criticLoss";

/** Builds the step for a batch of `batchSize` samples, ready to load. */
export function buildStepGraph(plan: StepPlan, batchSize: number): StepGraph {
  const { classifier, objective, layout } = plan;
  const g = new GraphBuilder({ extension: semanticInference });
  const labels = g.input(stepNames.labels, "int64", [batchSize]);
  const alignmentWeight = g.input(stepNames.alignmentWeight, "float32", []);
  const model = addModel(g, plan, batchSize * plan.viewsPerSample);
  const optimizer = addOptimizer(g, plan);
  const { images, slots, parameters, effects } = model;
  const critic = plan.critic && addCritic(g, plan.critic, batchSize);
  const { train, evaluate, modesDiffer } = model;
  const terms = buildObjective(g, objective, {
    images,
    labels,
    alignmentWeight,
    train,
    evaluate,
    modesDiffer,
    critic: critic?.inputs ?? null,
  });
  const loss = withPenalties(g, terms.loss, classifier.penalties ?? [], model.stored);

  const names = [...parameters.keys()];
  const gradients = namedAsInModel(() => backward(g, loss, [...parameters.values()], plan.ownRules));
  const joined = joinSlots(g, layout, new Map(names.map((name, i) => [name, gradients[i]])));
  const { next, gradientNorm } = updated(g, plan, optimizer, slots, joined);

  const outputs: Record<string, Value> = {};
  const { rows, ...scalars } = terms;
  const measures: Partial<Record<StepMeasure, Value | null>> = { ...scalars, loss, gradientNorm };
  for (const [name, value] of Object.entries(measures)) if (value) outputs[name] = value;
  Object.assign(outputs, next);
  Object.assign(outputs, statisticsOf(effects), critic?.outputs());
  const step = g.build(`${classifier.graph.name} step`, outputs);
  // The compatible preset selects among a slice of the views, whose rows are others than the images'.
  const canReuse =
    (plan.reusesSelection ?? true) &&
    rows &&
    objective.terms === "mean" &&
    keepsRowsApart(plan, images.shape.slice(1));
  const graph = canReuse ? reuseSelectionPass(step, rows.name, images.name, passPrefixes) : step;
  return { graph: runnable(plan, graph), masks: masksOf(effects) };
}

/** In the operators of the runtime that is to run it. */
export function runnable({ block, target, classifier, isCounted }: StepPlan, graph: Graph): Graph {
  const lowered = lower(graph, { block: block ?? null });
  const targeted = target === "webgpu" ? webgpuForm(lowered) : lowered;
  return isCounted ? targeted : withoutOpaque(targeted, classifier.graph.opsets);
}

export const masksOf = ({ masks }: TrainingEffects): StepGraph["masks"] =>
  masks.map(({ value, ratio }) => ({ name: value.name, shape: value.shape, ratio }));

/** Running statistics as training passes leave them, by output name. */
export const statisticsOf = ({ statistics }: TrainingEffects): Record<string, Value> =>
  Object.fromEntries(
    statistics.flatMap(({ mean, variance, nextMean, nextVariance }) => [
      [stepNames.next(stepNames.buffer(mean)), nextMean],
      [stepNames.next(stepNames.buffer(variance)), nextVariance],
    ]),
  );

/** What has no gradient is named without the prefix of the pass that it is in. */
export function namedAsInModel<T>(differentiate: () => T): T {
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

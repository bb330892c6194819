/**
 * A step in parts: the model goes over some rows of images at a time, while the choice, the loss, its critic and its
 * gradient by the logits are computed once, on the whole batch. So every method and regularizer stays what it is.
 *
 *   selection   images → z            a part of the rows, evaluation mode
 *   training    images → z            a part of the rows, training mode; only where that differs
 *   objective   z, labels → loss, rows that train, dL/dz       the whole batch
 *   gradient    images, dL/dz → Σ dL/dθ                        a part of the rows that train
 *   update      Σ dL/dθ → θ′
 *
 * z are the logits, and beside them the aligned tensor where that is another one.
 */
import { type ForwardPass, buildObjective } from "../../align/index.ts";
import { backward, semanticInference } from "../../autodiff/index.ts";
import { type Graph, GraphBuilder, type Value } from "../../onnx/index.ts";
import { addCritic } from "../critic-step.ts";
import { joinSlots } from "../parameter-layout.ts";
import { withPenalties } from "../penalties.ts";
import { type StepGraph, masksOf, namedAsInModel, runnable, statisticsOf } from "../step-graph.ts";
import type { StepPlan } from "../step-plan.ts";
import { type StepModel, addModel } from "../step-model.ts";
import { stepNames } from "../step-names.ts";
import { addOptimizer, updated } from "../step-update.ts";

/** A pass that the gradient flows through. */
export type GradientMode = "training" | "terms";

/** Names of what goes from one of a step's graphs to the next. */
export const partNames = {
  z: "z",
  trainingZ: "z:training",
  rows: "rows",
  gradientOf: (mode: GradientMode) => `dz:${mode}`,
  sum: (slot: number) => `sum:${slot}`,
  penalty: "penalty",
} as const;

/** Ready to load, without the inputs that nothing reads: the runtime wants every one that is declared. */
function ready(plan: StepPlan, graph: Graph): Graph {
  const loaded = runnable(plan, graph);
  const read = new Set([
    ...loaded.nodes.flatMap((node) => node.inputs),
    ...loaded.outputs.map(({ name }) => name),
  ]);
  return { ...loaded, inputs: loaded.inputs.filter(({ name }) => read.has(name)) };
}

const builder = () => new GraphBuilder({ extension: semanticInference });

/** z of `rows` images in evaluation mode: what views are chosen by. */
export function selectionGraph(plan: StepPlan, rows: number): Graph {
  const g = builder();
  const model = addModel(g, plan, rows);
  const z = joined(g, plan, model.evaluate(model.images, "selection"));
  return ready(plan, g.build("selection", { [partNames.z]: z }));
}

/** z of `rows` images in training mode, and the running statistics that they alone would leave. */
export function trainingGraph(plan: StepPlan, rows: number): StepGraph {
  const g = builder();
  const model = addModel(g, plan, rows);
  const z = joined(g, plan, model.train(model.images));
  const outputs = { [partNames.z]: z, ...statisticsOf(model.effects) };
  return { graph: ready(plan, g.build("training", outputs)), masks: masksOf(model.effects) };
}

export interface ObjectiveGraph {
  readonly graph: Graph;
  /** The rows that train, alone: what must be known before their pass in training mode. Null where they are known. */
  readonly choice: Graph | null;
  /** By mode: how many rows its pass has. */
  readonly passes: ReadonlyMap<GradientMode, number>;
}

/** The whole batch's objective on z. @param widths  of the logits and of the aligned tensor beside them (or 0) */
export function objectiveGraph(plan: StepPlan, batchSize: number, widths: Widths): ObjectiveGraph {
  const { objective } = plan;
  const g = builder();
  const width = widths.logits + widths.aligned;
  const z = g.input(partNames.z, "float32", [batchSize * plan.viewsPerSample, width]);
  const labels = g.input(stepNames.labels, "int64", [batchSize]);
  const alignmentWeight = g.input(stepNames.alignmentWeight, "float32", []);
  const critic = plan.critic && addCritic(g, plan.critic, batchSize);
  const leaves = new Map<GradientMode, Value>();
  const terms = buildObjective(g, objective, {
    images: z,
    labels,
    alignmentWeight,
    train(batch) {
      // Where the modes are alike, the rows of the selection are those of training.
      const leaf = widths.modesDiffer ? g.input(partNames.trainingZ, "float32", batch.shape) : batch;
      leaves.set("training", leaf);
      return passOf(g, plan, leaf, widths);
    },
    evaluate(batch, use) {
      if (use === "terms") leaves.set("terms", batch);
      return passOf(g, plan, batch, widths);
    },
    modesDiffer: widths.modesDiffer,
    critic: critic?.inputs ?? null,
  });
  const { rows, loss, ...others } = terms;
  const modes = [...leaves.keys()];
  const gradients = backward(g, loss, [...leaves.values()]);
  const outputs: Record<string, Value> = { loss };
  for (const [name, value] of Object.entries(others)) if (value) outputs[name] = value;
  modes.forEach((mode, i) => (outputs[partNames.gradientOf(mode)] = gradients[i]));
  const isChosen = rows !== null;
  if (rows) outputs[partNames.rows] = rows;
  Object.assign(outputs, critic?.outputs());
  const graph = ready(plan, g.build("objective", outputs));
  const needsChoice = isChosen && leaves.has("training") && widths.modesDiffer;
  return {
    graph,
    choice: needsChoice ? ready(plan, g.build("choice", { [partNames.rows]: rows })) : null,
    passes: new Map(modes.map((mode) => [mode, leaves.get(mode)!.shape[0]])),
  };
}

/** Adds the gradient of a part of the rows to the sums of the parts before. */
export function gradientGraph(plan: StepPlan, rows: number, mode: GradientMode): StepGraph {
  const g = builder();
  const model = addModel(g, plan, rows);
  const pass = mode === "training" ? model.train(model.images) : model.evaluate(model.images, "terms");
  const z = joined(g, plan, pass);
  const dz = g.input(partNames.gradientOf(mode), "float32", z.shape);
  // Its gradient is Σ dz·∂z/∂θ.
  const surrogate = g.sum(g.mul(z, dz), [0, 1]);
  const gradients = parameterGradients(g, plan, model, surrogate);
  const outputs = gradients.map((gradient, i): [string, Value] => {
    const sum = g.input(partNames.sum(i), "float32", gradient.shape);
    return [stepNames.next(partNames.sum(i)), g.add(sum, gradient)];
  });
  return {
    graph: ready(plan, g.build("gradient", Object.fromEntries(outputs))),
    masks: masksOf(model.effects),
  };
}

/** From the sums of all parts to the next parameters. */
export function updateGraph(plan: StepPlan): Graph {
  const g = builder();
  const model = addModel(g, plan, 1);
  const optimizer = addOptimizer(g, plan);
  const sums = plan.layout.slots.map(({ size }, i) => g.input(partNames.sum(i), "float32", [size]));
  const { penalties = [] } = plan.classifier;
  const penalty = penalties.length > 0 ? withPenalties(g, g.scalar(0), penalties, model.stored) : null;
  const own = penalty && parameterGradients(g, plan, model, penalty);
  const gradients = own ? sums.map((sum, i) => g.add(sum, own[i])) : sums;
  const { next, gradientNorm } = updated(g, plan, optimizer, model.slots, gradients);
  const outputs = {
    ...next,
    ...(gradientNorm && { gradientNorm }),
    ...(penalty && { [partNames.penalty]: penalty }),
  };
  return ready(plan, g.build("update", outputs));
}

/** How wide z is, and whether training gives another one than evaluation. */
export interface Widths {
  readonly logits: number;
  readonly aligned: number;
  readonly modesDiffer: boolean;
}

export function widthsOf(plan: StepPlan): Widths {
  const g = builder();
  const model = addModel(g, plan, 1);
  const pass = model.evaluate(model.images, "selection");
  const logits = pass.logits.shape[1];
  return { logits, aligned: joined(g, plan, pass).shape[1] - logits, modesDiffer: model.modesDiffer };
}

/** [rows, logits + aligned] */
function joined(g: GraphBuilder, { objective }: StepPlan, pass: ForwardPass): Value {
  const { align, method } = objective;
  const aligned = method.isRegularized ? pass.named(align) : undefined;
  if (!aligned || align === "logits" || align === "softmax") return pass.logits;
  const rows = pass.logits.shape[0];
  return g.concat([pass.logits, g.reshape(aligned, [rows, -1])], 1);
}

/** The model's pass as the objective sees it, from z. */
function passOf(
  g: GraphBuilder,
  { objective }: StepPlan,
  z: Value,
  { logits, aligned }: Widths,
): ForwardPass {
  if (aligned === 0) return { logits: z, named: () => undefined };
  const [first, second] = g.split(z, [logits, aligned], 1);
  return { logits: first, named: (tensor) => (tensor === objective.align ? second : undefined) };
}

function parameterGradients(
  g: GraphBuilder,
  plan: StepPlan,
  model: StepModel,
  loss: Value,
): readonly Value[] {
  const names = [...model.parameters.keys()];
  const gradients = namedAsInModel(() => backward(g, loss, [...model.parameters.values()], plan.ownRules));
  return joinSlots(g, plan.layout, new Map(names.map((name, i) => [name, gradients[i]])));
}

/**
 * Single training steps as data: reads a net with PyTorch's numbers inside, makes a step's plan, and runs it once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Method, type Objective, methods, regularizerByName } from "../src/align/index.ts";
import type { Classifier } from "../src/models/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { type SessionOptions, createSession } from "../src/runtime/index.ts";
import { type Tensor, float32 } from "../src/tensor/index.ts";
import { bufferNames, trainableNames } from "../src/parameters/index.ts";
import { type Optimizer, criticPlan, defineOptimizer, layoutOf } from "../src/train/index.ts";
import { unpack } from "../src/train/parameter-layout.ts";
import { RunState } from "../src/train/run-state.ts";
import { buildStepGraph } from "../src/train/step-graph.ts";
import type { StepPlan } from "../src/train/step-plan.ts";
import { stepNames } from "../src/train/step-names.ts";
import { criticFeeds } from "../src/train/step-runner.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");

/** A classifier, and the tensors that its file carries beside its weights. */
export interface Net {
  readonly classifier: Classifier;
  /** By name, e.g. `labels`, `rwa-sample/grad:fc1.weight`. */
  readonly stored: (name: string) => Tensor;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads e.g. `nets/lenet` or `objective/worst-case-mlp`. */
export function readNet(name: string): Net {
  const { graph, metadata } = readModel(readFileSync(join(FIXTURES, `${name}.onnx`)), name);
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  const own = [...graph.initializers].filter(([key]) => used.has(key));
  return {
    classifier: { graph: { ...graph, initializers: new Map(own) }, input: "x", logits: "logits" },
    stored(key) {
      const value = graph.initializers.get(key);
      if (!value) throw new Error(`The fixture ${name} holds no "${key}".`);
      return value;
    },
    metadata,
  };
}

/** An optimizer that hands out the gradient in place of the new parameter. */
export const gradientItself: Optimizer = defineOptimizer({
  name: "gradientItself",
  scalars: () => ({}),
  update: (_g, { gradient }) => ({ parameter: gradient, state: [] }),
});

const squaredL2Objective = (method: Method): Objective => ({
  method,
  regularizer: regularizerByName("squaredL2"),
  selection: "sample",
  selectBy: "loss",
  alignSelectBy: "loss",
  align: "logits",
  stopGradient: "none",
  terms: "mean",
});

/** A step of method rwa with squared l2, whose "next parameters" are the gradient; `changes` go on top. */
export function planOf(
  classifier: Classifier,
  changes: Partial<Omit<StepPlan, "objective">> & { objective?: Partial<Objective> } = {},
): StepPlan {
  const { graph, input } = classifier;
  const named = (names: readonly string[]) =>
    names.map((name) => ({ name, shape: graph.initializers.get(name)!.shape }));
  const declared = graph.inputs.find((i) => i.name === input)!.shape!;
  const imageShape = changes.imageShape ?? (declared.slice(1) as number[]);
  const objective = { ...squaredL2Objective(methods.rwa), ...changes.objective };
  return {
    classifier,
    optimizer: gradientItself,
    layout: layoutOf(named(trainableNames(graph))),
    buffers: named(bufferNames(graph)),
    clipNorm: null,
    imageShape,
    viewsPerSample: 5,
    critic: criticPlan({ classifier, objective, imageShape }, 0),
    ...changes,
    objective,
  };
}

/** What a step is fed. */
export interface StepFeed {
  readonly images: Tensor;
  readonly labels: Tensor;
  readonly alignmentWeight?: number;
  readonly scalars?: Readonly<Record<string, number>>;
  /** Dropout masks by name. */
  readonly masks?: Readonly<Record<string, Tensor>>;
}

/** What came out of a step: its measures, and what replaces the parameters and the running statistics. */
export interface StepResult {
  readonly measures: Readonly<Record<string, number>>;
  /** By initializer name; with {@link gradientItself} the gradient. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Builds a step for the batch at hand and runs it once from the classifier's own weights. */
export async function runStep(
  plan: StepPlan,
  { images, labels, alignmentWeight = 0.5, scalars = {}, masks = {} }: StepFeed,
  optimization: SessionOptions["optimization"] = "extended",
): Promise<StepResult> {
  const { graph } = buildStepGraph(plan, labels.shape[0]);
  const feeds: Record<string, Tensor> = {
    ...RunState.initial(plan).feeds(),
    ...masks,
    [stepNames.images]: float32(
      [images.shape.slice(0, -3).reduce((a, b) => a * b, 1), ...plan.imageShape],
      [...(images.data as Float32Array)],
    ),
    [stepNames.labels]: labels,
    [stepNames.alignmentWeight]: float32([], [alignmentWeight]),
    ...criticFeeds(plan, labels.shape[0], { seed: 0, step: 0 }),
  };
  for (const [name, value] of Object.entries(scalars)) feeds[stepNames.scalar(name)] = float32([], [value]);
  const session = await createSession(graph, { optimization, threads: 1 });
  try {
    const outputs = await session.run(
      Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))),
    );
    const flats = plan.layout.slots.map((_, i) => outputs[stepNames.next(stepNames.slot(i))].data);
    return {
      measures: Object.fromEntries(
        Object.entries(outputs).flatMap(([name, { data }]) =>
          name.startsWith("next:") ? [] : [[name, Number(data[0])]],
        ),
      ),
      parameters: unpack(plan.layout, flats as Float32Array[]),
      outputs,
    };
  } finally {
    await session.release();
  }
}

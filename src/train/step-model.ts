/** A classifier inside the graphs of a step: its parameters as inputs, and its passes in either mode. */
import type { ForwardPass } from "../align/index.ts";
import { cropDeadBorder, poolInPhases, reluAfterPool } from "../lower/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, type GraphBuilder, type Value, upgradeGraph } from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";
import {
  type StatisticsMode,
  type TrainingEffects,
  evaluationPass,
  modesDiffer,
  trainingPass,
} from "./forward-mode.ts";
import { modelInput } from "./model-input.ts";
import { splitSlots } from "./parameter-layout.ts";
import { isRowIndependent, rowsIn } from "./row-independence.ts";
import type { StepPlan } from "./step-plan.ts";
import { passPrefixes, stepNames } from "./step-names.ts";

/** Put before the value names of the passes in evaluation mode: that of the choice, and that of the terms. */
const evaluationPrefixes = { selection: passPrefixes.select, terms: passPrefixes.terms } as const;

export interface StepModel {
  /** The images as the model takes them: normalised, in its layout. */
  readonly images: Value;
  readonly slots: readonly Value[];
  /** By the names that they have in the model. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** Everything that the model has stored, parameters included. */
  readonly stored: ReadonlyMap<string, Value>;
  /** What training passes leave behind. */
  readonly effects: TrainingEffects;
  readonly train: (batch: Value) => ForwardPass;
  readonly evaluate: (batch: Value, use: keyof typeof evaluationPrefixes) => ForwardPass;
  readonly modesDiffer: boolean;
}

/** Adds a classifier that takes `rows` images, [rows, C, H, W] in [0, 1]. */
export function addModel(g: GraphBuilder, plan: StepPlan, rows: number): StepModel {
  const { classifier, layout, objective } = plan;
  const pixels = g.input(stepNames.images, "float32", [rows, ...plan.imageShape]);
  const images = modelInput(g, classifier, pixels);
  const slots = layout.slots.map(({ size }, i) => g.input(stepNames.slot(i), "float32", [size]));
  const buffers = plan.buffers.map(
    ({ name, shape }) => [name, g.input(stepNames.buffer(name), "float32", shape)] as const,
  );
  const parameters = splitSlots(g, layout, slots);

  const aligned = new Set([objective.align]);
  const whole = cropDeadBorder(
    upgradeGraph(classifier.graph),
    classifier.input,
    images.shape.slice(1),
    aligned,
  );
  const graph = poolInPhases(reluAfterPool(whole, aligned), aligned);
  const effects: TrainingEffects = { masks: [], statistics: [] };
  const changing = new Map([...parameters, ...buffers]);
  // Constants too are bound once, or each pass would bring its own copy.
  const constants = [...graph.initializers]
    .filter(([name]) => !changing.has(name))
    .map(([name, value]) => [name, g.constant(value)] as const);
  const stored = new Map([...constants, ...changing]);
  const source = (batch: Value, prefix: string) => ({
    graph,
    input: classifier.input,
    logits: classifier.logits,
    bindings: new Map([...stored, ...moved(effects), [classifier.input, batch]]),
    prefix,
  });
  const mode = statisticsMode(plan);
  const checked = (pass: ForwardPass, batch: Value): ForwardPass => {
    checkRows(pass.logits.shape, batch.shape, classifier);
    checkClasses(pass.logits.shape, plan);
    return pass;
  };
  return {
    images,
    slots,
    parameters,
    stored,
    effects,
    train: (batch) => checked(trainingPass(g, source(batch, passPrefixes.train), effects, mode), batch),
    evaluate: (batch, use) => checked(evaluationPass(g, source(batch, evaluationPrefixes[use])), batch),
    modesDiffer: modesDiffer(graph, mode),
  };
}

const statisticsMode = ({ frozenStatistics, classifier }: StepPlan): StatisticsMode => ({
  frozen: frozenStatistics ?? new Set(),
  runningVariance: classifier.runningVariance ?? "unbiased",
});

/** Whether the model computes each image's row from that image alone, in training too. */
export const keepsRowsApart = (
  { classifier, frozenStatistics }: StepPlan,
  image: Shape,
  graph: Graph = classifier.graph,
): boolean => isRowIndependent(upgradeGraph(graph), classifier.input, image, frozenStatistics);

/** The same, also where they are not the first axis all the way, as in attention. */
export const keepsImagesApart = (
  { classifier, frozenStatistics = new Set() }: StepPlan,
  image: Shape,
  graph: Graph,
): boolean => rowsIn(upgradeGraph(graph), classifier.input, image, frozenStatistics).mixing.size === 0;

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

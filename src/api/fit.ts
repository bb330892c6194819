import { type Objective, methodByName, regularizerByName } from "../align/index.ts";
import { type TransformFamily, type ViewSource, eagerViews, lazyViews, rotation } from "../augment/index.ts";
import { type Dataset, epochOrder, imagesAt, labelsAt, sampleCount } from "../data/index.ts";
import type { Classifier } from "../models/index.ts";
import { UsageError } from "../tensor/index.ts";
import {
  type MetricsLine,
  type StepPlan,
  batchSource,
  bufferNames,
  criticPlan,
  evaluationForm,
  layoutOf,
  optimizerByName,
  scheduleOf,
  separateParameters,
  stepsPerEpoch,
  train,
  trainableNames,
} from "../train/index.ts";
import { type FitOptions, resolveFitOptions } from "./fit-options.ts";
import { imageSource } from "./image-source.ts";
import { type Manifest, classifierHash, manifestOf } from "./manifest.ts";

export interface FitResult {
  /** The trained classifier; the one passed in is unchanged. */
  readonly model: Classifier;
  readonly history: readonly MetricsLine[];
  readonly manifest: Manifest;
}

/**
 * Trains a classifier by one of the paper's methods.
 *
 * @example
 * const { model } = await fit(lenet(), data.train, { method: "rwa", transforms: rotation() });
 *
 * @throws UsageError, ShapeError for options, data or a model that do not fit; DivergedError when the loss is not
 *         finite; CheckpointError when the checkpoint is of another run
 */
export async function fit(model: Classifier, data: Dataset, options: FitOptions = {}): Promise<FitResult> {
  const startedAt = new Date();
  const settings = resolveFitOptions(options);
  const { batchSize, epochs, seed } = settings;
  checkClassifier(model, data);
  const classifier = { ...model, graph: separateParameters(model.graph) };
  const method = methodByName(settings.method);
  const views = viewsOf(data, options.transforms ?? rotation(), settings.augmentation);
  const source = batchSource(views, method, seed);
  const objective: Objective = {
    method,
    regularizer: regularizerByName(settings.regularizer, settings.regularizerOptions),
    selection: settings.selection,
    selectBy: settings.selectBy,
    alignSelectBy: settings.alignSelectBy,
    align: settings.align,
    stopGradient: settings.stopGradient,
    terms: settings.compat ?? "mean",
  };
  const plan: StepPlan = {
    classifier,
    objective,
    optimizer: optimizerByName(settings.optimizer, settings.optimizerOptions),
    layout: layoutOf(named(classifier, trainableNames(classifier.graph))),
    buffers: named(classifier, bufferNames(classifier.graph)),
    clipNorm: settings.clipNorm,
    classes: data.classNames.length,
    imageShape: data.shape,
    viewsPerSample: source.viewsPerSample,
    critic: criticPlan({ classifier, objective, imageShape: data.shape }, seed),
  };
  if (plan.layout.slots.length === 0) {
    throw new UsageError(
      `The model "${model.graph.name}" has no weights to train: none of its initializers is one.`,
    );
  }

  const count = sampleCount(data);
  const perEpoch = stepsPerEpoch(count, batchSize);
  const run = { totalSteps: perEpoch * epochs, stepsPerEpoch: perEpoch };
  const config = { ...settings, transforms: method.views === "none" ? null : describeFamily(views.family) };
  const initialHash = classifierHash(model);
  const { weights, history } = await train({
    plan,
    source,
    labelsAt: (indices) => labelsAt(data, indices),
    orderOf: (epoch) => epochOrder(count, seed, epoch),
    sampleCount: count,
    epochs,
    batchSize,
    seed,
    learningRate: settings.learningRate,
    learningRateSchedule: scheduleOf(settings.schedule, run),
    alignmentWeight: settings.alignmentWeight,
    alignmentWeightSchedule: scheduleOf({ warmUp: settings.alignmentWarmUp }, run),
    session: {
      executionProvider: settings.executionProvider,
      threads: settings.threads,
      memoryPattern: !isLarge(plan),
    },
    checkpoint: options.checkpoint
      ? {
          path: options.checkpoint,
          everySeconds: options.checkpointSeconds ?? 15,
          identity: { ...config, model: initialHash, data: data.hash },
        }
      : null,
    resume: options.resume ?? false,
    stepsPerLine: settings.stepsPerLine,
    onStart: options.onStart,
    onMetrics: options.onMetrics,
    onProgress: options.onProgress,
  });

  const trained: Classifier = {
    ...model,
    graph: evaluationForm({
      ...classifier.graph,
      initializers: new Map([...classifier.graph.initializers, ...weights]),
    }),
  };
  return {
    model: trained,
    history,
    manifest: manifestOf({
      command: options.command,
      config: { ...config, initialModel: initialHash },
      data: { name: data.name, samples: count, sha256: data.hash },
      model: { name: model.graph.name, sha256: classifierHash(trained) },
      startedAt,
    }),
  };
}

function checkClassifier({ graph, input, logits }: Classifier, data: Dataset): void {
  const declared = graph.inputs.find((i) => i.name === input);
  if (!declared) throw new UsageError(`The model has no input "${input}".`);
  const { shape } = declared;
  const fits = (n: unknown, i: number) => typeof n !== "number" || n === data.shape[i];
  if (shape && !(shape.length === 4 && shape.slice(1).every(fits))) {
    throw new UsageError(
      `The model takes images [${shape.slice(1)}]; the data's are [${data.shape}]. ` +
        `Make the model for the data's size, or resize the data.`,
    );
  }
  const classes = graph.outputs.find((o) => o.name === logits)?.shape?.at(-1);
  if (typeof classes === "number" && classes < data.classNames.length) {
    throw new UsageError(`The model tells ${classes} classes apart; the data has ${data.classNames.length}.`);
  }
}

function viewsOf(data: Dataset, family: TransformFamily, kind: "lazy" | "eager"): ViewSource {
  if (kind === "lazy") return lazyViews(imageSource(data), family);
  const all = Uint32Array.from({ length: sampleCount(data) }, (_, i) => i);
  return eagerViews(imagesAt(data, all), family);
}

const named = ({ graph }: Classifier, names: readonly string[]) =>
  names.map((name) => ({ name, shape: graph.initializers.get(name)!.shape }));

const isLarge = ({ layout }: StepPlan): boolean =>
  layout.slots.reduce((sum, { size }) => sum + size, 0) * 4 > 2 ** 23;

/** A family as data, for manifests and checkpoints. */
export const describeFamily = ({ name, members, modules }: TransformFamily) => ({
  name,
  members: members.map((member) => ({ name: member.name, ...member.parameters })),
  ...(modules && { modules }),
});

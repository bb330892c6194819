import {
  type MethodName,
  type Objective,
  type RegularizerName,
  type Selection,
  methodByName,
  regularizerByName,
} from "../align/index.ts";
import { type TransformFamily, type ViewSource, eagerViews, lazyViews, rotation } from "../augment/index.ts";
import { type Dataset, epochOrder, imagesAt, labelsAt, sampleCount } from "../data/index.ts";
import type { Classifier } from "../models/index.ts";
import type { ExecutionProvider } from "../runtime/index.ts";
import { UsageError } from "../tensor/index.ts";
import {
  type MetricsLine,
  type OptimizerName,
  type OptimizerOptions,
  type ScheduleOptions,
  type StepPlan,
  type TrainingProgress,
  batchSource,
  bufferNames,
  evaluationForm,
  layoutOf,
  optimizerByName,
  scheduleOf,
  separateParameters,
  stepsPerEpoch,
  train,
  trainableNames,
} from "../train/index.ts";
import { type Manifest, classifierHash, manifestOf } from "./manifest.ts";

/** Options of {@link fit}; every one has a default. */
export interface FitOptions {
  /** Default "rwa", the paper's recommended method. */
  method?: MethodName;
  /** Default "squaredL2". Ignored by methods without a regularizer, as their λ is. */
  regularizer?: RegularizerName;
  /** The family of shifts to be robust to (default `rotation()`). */
  transforms?: TransformFamily;
  /** λ, the weight of the alignment term (default 0.1), at the end of its warm-up. */
  alignmentWeight?: number;
  /** Steps over which λ rises linearly (default 0). */
  alignmentWarmUp?: number;
  /** Worst case per sample (default, the paper) or one transform per batch (its Python package). */
  selection?: Selection;
  /** The aligned representation: "logits" (default), "softmax", or the name of a tensor of the model. */
  align?: string;
  /** "clean" lets the alignment term move the views only (default "none"). */
  stopGradient?: Objective["stopGradient"];
  /** "alignreg-1.0" reproduces the Python package's TensorFlow objective: method "rwa" with selection "batch". */
  compat?: "alignreg-1.0";
  /** Default 1. */
  epochs?: number;
  /** Default 128. */
  batchSize?: number;
  /** Default "adam". */
  optimizer?: OptimizerName;
  optimizerOptions?: OptimizerOptions;
  /** Default 1e-3. */
  learningRate?: number;
  /** Default constant. */
  schedule?: ScheduleOptions;
  /** Largest l2 norm of the gradient (default none). */
  clipNorm?: number;
  /** Decides data order, drawn views and dropout masks (default 0). Initial weights are the model's own. */
  seed?: number;
  /** "lazy" (default) computes views as batches are drawn; "eager" computes all at the start and keeps them. */
  augmentation?: "lazy" | "eager";
  /** Default "cpu". */
  executionProvider?: ExecutionProvider;
  /** Threads inside an operator (default: one per physical core). Results are equal bits for equal counts. */
  threads?: number;
  /** File that holds the run's state. With `resume`, the run goes on from it. */
  checkpoint?: string;
  /** Seconds between checkpoints besides those at the end of each epoch (default 15). */
  checkpointSeconds?: number;
  resume?: boolean;
  /** Steps per "step" line of metrics (default 50). */
  stepsPerLine?: number;
  onStart?: (step: number) => void;
  onMetrics?: (line: MetricsLine) => void;
  onProgress?: (progress: TrainingProgress) => void;
  /** The command line, for the manifest. */
  command?: string;
}

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
  const settings = resolve(options);
  const { batchSize, epochs, seed } = settings;
  checkClassifier(model, data);
  const classifier = { ...model, graph: separateParameters(model.graph) };
  const method = methodByName(settings.method);
  const views = viewsOf(data, options.transforms ?? rotation(), settings.augmentation);
  const source = batchSource(views, method, seed);
  const plan: StepPlan = {
    classifier,
    objective: {
      method,
      regularizer: regularizerByName(settings.regularizer),
      selection: settings.selection,
      align: settings.align,
      stopGradient: settings.stopGradient,
      terms: settings.compat ?? "mean",
    },
    optimizer: optimizerByName(settings.optimizer, settings.optimizerOptions),
    layout: layoutOf(named(classifier, trainableNames(classifier.graph))),
    buffers: named(classifier, bufferNames(classifier.graph)),
    clipNorm: settings.clipNorm,
    classes: data.classNames.length,
    imageShape: data.shape,
    viewsPerSample: source.viewsPerSample,
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

/** The options with defaults filled in and numbers checked; JSON-like, for the manifest. */
function resolve(options: FitOptions) {
  const settings = {
    method: options.method ?? "rwa",
    regularizer: options.regularizer ?? "squaredL2",
    alignmentWeight: options.alignmentWeight ?? 0.1,
    alignmentWarmUp: options.alignmentWarmUp ?? 0,
    selection: options.selection ?? (options.compat ? "batch" : "sample"),
    align: options.align ?? "logits",
    stopGradient: options.stopGradient ?? "none",
    compat: options.compat ?? null,
    epochs: options.epochs ?? 1,
    batchSize: options.batchSize ?? 128,
    optimizer: options.optimizer ?? "adam",
    optimizerOptions: options.optimizerOptions ?? {},
    learningRate: options.learningRate ?? 1e-3,
    schedule: options.schedule ?? {},
    clipNorm: options.clipNorm ?? null,
    seed: options.seed ?? 0,
    augmentation: options.augmentation ?? "lazy",
    executionProvider: options.executionProvider ?? "cpu",
    threads: options.threads ?? 0,
    stepsPerLine: options.stepsPerLine ?? 50,
  } as const;
  for (const key of ["epochs", "batchSize", "stepsPerLine"] as const) atLeast(key, settings[key], 1, true);
  for (const key of ["seed", "threads", "alignmentWarmUp"] as const) atLeast(key, settings[key], 0, true);
  for (const key of ["alignmentWeight", "learningRate"] as const) atLeast(key, settings[key], 0, false);
  atLeast("checkpointSeconds", options.checkpointSeconds ?? 0, 0, false);
  if (options.resume && !options.checkpoint) {
    throw new UsageError("resume needs checkpoint: the file that holds the run's state.");
  }
  if (settings.clipNorm !== null && !(settings.clipNorm > 0)) {
    throw new UsageError(`clipNorm must be above 0, not ${settings.clipNorm}. Leave it out for no clipping.`);
  }
  choice("selection", settings.selection, ["sample", "batch"]);
  choice("stopGradient", settings.stopGradient, ["none", "clean"]);
  choice("augmentation", settings.augmentation, ["lazy", "eager"]);
  choice("executionProvider", settings.executionProvider, ["cpu", "webgpu", "cuda"]);
  if (settings.compat !== null) choice("compat", settings.compat, ["alignreg-1.0"]);
  if (settings.compat && settings.method !== "rwa") {
    throw new UsageError(`compat "${settings.compat}" is a form of method "rwa", not "${settings.method}".`);
  }
  if (settings.compat && settings.selection !== "batch") {
    throw new UsageError(
      `compat "alignreg-1.0" selects per batch; leave selection out, or leave compat out.`,
    );
  }
  return settings;
}

function atLeast(name: string, value: number, low: number, isWhole: boolean): void {
  if (!(value >= low) || !Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
    throw new UsageError(
      `${name} must be a ${isWhole ? "whole " : ""}number of at least ${low}, not ${value}.`,
    );
  }
}

function choice(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    throw new UsageError(`Unknown ${name} "${value}". Choose one of: ${choices.join(", ")}.`);
  }
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
  if (kind === "lazy") {
    const source = {
      imageShape: data.shape,
      imagesAt: (indices: ArrayLike<number>, out: Float32Array) => void imagesAt(data, indices, out),
    };
    return lazyViews(source, family);
  }
  const all = Uint32Array.from({ length: sampleCount(data) }, (_, i) => i);
  return eagerViews(imagesAt(data, all), family);
}

const named = ({ graph }: Classifier, names: readonly string[]) =>
  names.map((name) => ({ name, shape: graph.initializers.get(name)!.shape }));

const isLarge = ({ layout }: StepPlan): boolean =>
  layout.slots.reduce((sum, { size }) => sum + size, 0) * 4 > 2 ** 23;

/** A family as data, for manifests and checkpoints. */
export const describeFamily = ({ name, members }: TransformFamily) => ({
  name,
  members: members.map((member) => ({ name: member.name, ...member.parameters })),
});

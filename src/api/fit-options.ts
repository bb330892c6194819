import {
  type Criterion,
  type MethodName,
  type Objective,
  type RegularizerName,
  type RegularizerOptions,
  type Selection,
  methodByName,
  regularizerByName,
} from "../align/index.ts";
import type { TransformFamily } from "../augment/index.ts";
import type { ExecutionProvider } from "../runtime/index.ts";
import { type OnNote, UsageError } from "../tensor/index.ts";
import type { LoadClassifierOptions } from "./load-classifier.ts";
import type { ClassMap } from "./match-classes.ts";
import type { Trainable } from "../parameters/index.ts";
import type {
  MetricsLine,
  OptimizerName,
  OptimizerOptions,
  ScheduleOptions,
  TrainingProgress,
} from "../train/index.ts";

/** Options of `fit`; every one has a default. */
export interface FitOptions extends Omit<LoadClassifierOptions, "classNames"> {
  /**
   * Which logit is which class of the data: the model's class names in the order of the logits; or by the data's class
   * the index of a logit, or the model's name of the class (default: by name, else by order).
   */
  classMap?: ClassMap;
  /**
   * What trains: "all" parameters (default), `{ last: 2 }` layers, or initializers by name, `["fc.*", "layer4.*"]`. A
   * BatchNormalization whose scale and bias do not train keeps its running statistics too, and normalises by them.
   */
  trainable?: Trainable;
  /** Default "rwa", the paper's recommended method. */
  method?: MethodName;
  /** Default "squaredL2". Ignored by methods without a regularizer, as their λ is. */
  regularizer?: RegularizerName;
  /** Of a regularizer that trains a critic beside the model: its updates per step, learning rate, width … */
  regularizerOptions?: RegularizerOptions;
  /** The family of shifts to be robust to (default `rotation()`). */
  transforms?: TransformFamily;
  /** λ, the weight of the alignment term (default 0.1), at the end of its warm-up. */
  alignmentWeight?: number;
  /** Steps over which λ rises linearly (default 0). */
  alignmentWarmUp?: number;
  /** Worst case per sample (default, the paper) or one transform per batch (its Python package). */
  selection?: Selection;
  /**
   * Method "rwa": by what the worst view is chosen for the classification loss, its "loss" (default, the paper) or its
   * alignment "distance" from the clean image.
   */
  selectBy?: Criterion;
  /** Method "rwa": the same for the alignment term. Where the two differ, a step trains on both views. */
  alignSelectBy?: Criterion;
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
  /**
   * Random crops, the usual augmentation of small photographs, in pixels (default 0: none). Each time that a sample is
   * trained on, its image is padded by so many black pixels (0, before any normalisation) on each side and cut back to
   * H×W at a random place. What results, and is flipped by `flip`, is the sample's clean image in that step, and all
   * its views are made of it. The seed, the step and the place in the batch decide what is drawn.
   */
  crop?: number;
  /** Mirrors images left to right with probability 1/2, after cropping; drawn anew in each step (default false). */
  flip?: boolean;
  /**
   * "lazy" (default) computes views as batches are drawn; "eager" computes all at the start and keeps them, which it
   * cannot where `crop` or `flip` changes the images.
   */
  augmentation?: "lazy" | "eager";
  /** Default "cpu". */
  executionProvider?: ExecutionProvider;
  /** Threads inside an operator (default: one per physical core). Results are equal bits for equal counts. */
  threads?: number;
  /**
   * "auto" (default) trains convolutional networks in the memory layout of the processor's direct convolutions, where it
   * has them; "plain" keeps to ordinary ONNX operators. The results differ by rounding.
   */
  lowering?: "auto" | "plain";
  /** File that holds the run's state. With `resume`, the run goes on from it. */
  checkpoint?: string;
  /** Seconds between checkpoints besides those at the end of each epoch (default 15). */
  checkpointSeconds?: number;
  resume?: boolean;
  /** Steps per "step" line of metrics (default 50). */
  stepsPerLine?: number;
  /** Stops the run between two steps; `fit` then throws the signal's reason. The checkpoint stays. */
  signal?: AbortSignal;
  /** Called with each of the result's notes as soon as it is known (default: a line on stderr). */
  onNote?: OnNote;
  onStart?: (step: number) => void;
  onMetrics?: (line: MetricsLine) => void;
  onProgress?: (progress: TrainingProgress) => void;
  /** The command line, for the manifest. */
  command?: string;
}

/** The options with defaults filled in and values checked; JSON-like, for the manifest. @throws UsageError */
export function resolveFitOptions(options: FitOptions) {
  const settings = {
    method: options.method ?? "rwa",
    regularizer: options.regularizer ?? "squaredL2",
    alignmentWeight: options.alignmentWeight ?? 0.1,
    alignmentWarmUp: options.alignmentWarmUp ?? 0,
    regularizerOptions: options.regularizerOptions ?? {},
    selection: options.selection ?? (options.compat ? "batch" : "sample"),
    selectBy: options.selectBy ?? "loss",
    alignSelectBy: options.alignSelectBy ?? "loss",
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
    crop: options.crop ?? 0,
    flip: options.flip ?? false,
    augmentation: options.augmentation ?? "lazy",
    executionProvider: options.executionProvider ?? "cpu",
    threads: options.threads ?? 0,
    lowering: options.lowering ?? "auto",
    stepsPerLine: options.stepsPerLine ?? 50,
    trainable: options.trainable ?? "all",
    output: options.output ?? null,
  } as const;
  for (const key of ["epochs", "batchSize", "stepsPerLine"] as const) atLeast(key, settings[key], 1, true);
  for (const key of ["seed", "threads", "alignmentWarmUp", "crop"] as const)
    atLeast(key, settings[key], 0, true);
  for (const key of ["alignmentWeight", "learningRate"] as const) atLeast(key, settings[key], 0, false);
  atLeast("checkpointSeconds", options.checkpointSeconds ?? 0, 0, false);
  if (options.resume && !options.checkpoint) {
    throw new UsageError("resume needs checkpoint: the file that holds the run's state.");
  }
  if (settings.clipNorm !== null && !(settings.clipNorm > 0)) {
    throw new UsageError(`clipNorm must be above 0, not ${settings.clipNorm}. Leave it out for no clipping.`);
  }
  choice("selection", settings.selection, ["sample", "batch"]);
  choice("selectBy", settings.selectBy, ["loss", "distance"]);
  choice("alignSelectBy", settings.alignSelectBy, ["loss", "distance"]);
  choice("stopGradient", settings.stopGradient, ["none", "clean"]);
  choice("augmentation", settings.augmentation, ["lazy", "eager"]);
  if (settings.augmentation === "eager" && (settings.crop > 0 || settings.flip)) {
    throw new UsageError(
      `augmentation "eager" keeps views of images that never change; crop and flip change them in each step. ` +
        `Leave augmentation out, or crop and flip.`,
    );
  }
  choice("lowering", settings.lowering, ["auto", "plain"]);
  choice("executionProvider", settings.executionProvider, ["cpu", "webgpu", "cuda"]);
  const method = methodByName(settings.method);
  regularizerByName(settings.regularizer, settings.regularizerOptions);
  if (settings.selectBy === "distance" || settings.alignSelectBy === "distance") {
    if (method.views !== "worst-case" || !method.isRegularized) {
      throw new UsageError(
        `Method "${settings.method}" has no alignment distance to choose views by. Leave selectBy and alignSelectBy ` +
          `out, or use method "rwa".`,
      );
    }
  }
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

/** Checked options with their defaults. */
export type FitSettings = ReturnType<typeof resolveFitOptions>;

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

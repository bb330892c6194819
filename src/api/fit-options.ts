import type {
  Criterion,
  LossDefinition,
  LossName,
  LossOptions,
  MethodDefinition,
  MethodName,
  Objective,
  RegularizerDefinition,
  RegularizerName,
  RegularizerOptions,
  Selection,
} from "../align/index.ts";
import type { AugmixOptions, Transforms } from "../augment/index.ts";
import type { GradientDefinition } from "../autodiff/index.ts";
import type { Dataset, ImageSource } from "../data/index.ts";
import type { CacheProgress } from "../features/index.ts";
import type { ExecutionProvider } from "../runtime/index.ts";
import type { OnNote } from "../tensor/index.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import type { ClassWeights } from "./class-weights.ts";
import type { ClassMap } from "./match-classes.ts";
import type { Trainable } from "../parameters/index.ts";
import type {
  MetricsLine,
  OptimizerDefinition,
  OptimizerName,
  OptimizerOptions,
  ScheduleOptions,
  TrainingProgress,
} from "../train/index.ts";

/** Options of `fit`; every one has a default. Their rows, which tests and docs/options.md are made of: options/fit-table.ts. */
export interface FitOptions extends Omit<LoadClassifierOptions, "classNames" | "imageShape" | "weights"> {
  /**
   * Which logit is which class of the data: the model's class names in the order of the logits; or by the data's class
   * the index of a logit, or the model's name of the class (default: by name, else by order).
   */
  classMap?: ClassMap;
  /**
   * What trains: "all" parameters (default; of a model that has a new head, that head), `{ last: 2 }` layers, or
   * initializers by name, `["fc.*", "layer4.*"]`. A
   * BatchNormalization whose scale and bias do not train keeps its running statistics too, and normalises by them.
   */
  trainable?: Trainable;
  /**
   * What trains once the rest has trained for `epochs`: more layers, `{ last: 3 }`, counted from the end as `trainable` does,
   * initializers by name, or "all" (default: nothing more).
   */
  unfreeze?: Trainable;
  /** Epochs of it (default: as many as before it). */
  unfreezeEpochs?: number;
  /** The learning rate of that time, of all that trains then (default: a tenth of `learningRate`). */
  unfreezeLearningRate?: number;
  /** Default "rwa", the paper's recommended method; or what `defineMethod` makes. */
  method?: MethodName | MethodDefinition;
  /**
   * Default "squaredL2"; or what `defineRegularizer` makes. Ignored by methods without a regularizer, as their λ is.
   */
  regularizer?: RegularizerName | RegularizerDefinition;
  /** Of a regularizer by name that trains a critic beside the model: its updates per step, learning rate, width … */
  regularizerOptions?: RegularizerOptions;
  /**
   * The family of shifts to be robust to (default `rotation()`), or a specification of one that needs no module, as
   * `"rotation:15,30"` or `{ noise: { seed: 7 } }`.
   */
  transforms?: Transforms;
  /**
   * Images without a label (−1 in a data set, or in a folder `unlabelled/`) for each image with one in a step (default 0: they
   * are left out). They have no cross-entropy and take part in the alignment term alone, with the view that is farthest from
   * the clean image. Both are drawn by an order of their own; an epoch is one of the images with a label.
   */
  unlabelledRatio?: number;
  /**
   * What the model's answers cost, of clean images and views alike, and what the worst view is chosen by: "crossEntropy"
   * (default), "focal", "sigmoid" (each class against all others); or what `defineLoss` makes.
   */
  loss?: LossName | LossDefinition;
  /** Of a loss by name: γ of "focal". */
  lossOptions?: LossOptions;
  /**
   * Gradient rules of operators that have none of ours, or in the place of ours: what `defineGradient` makes (default none).
   */
  gradients?: readonly GradientDefinition[];
  /** Method "augmix": how its mixtures are made. */
  augmix?: AugmixOptions;
  /** λ, the weight of the alignment term (default: 0.1; of method "augmix" 12), at the end of its warm-up. */
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
  /**
   * The share of a batch that trains, above 0 and at most 1: the images whose chosen view has the largest loss (method "augmix"
   * and "base": whose clean image has), as a number or a fraction, "1/3". All terms are means over these, the clean one too
   * (default 1).
   */
  hardest?: number | string;
  /** The aligned representation: "logits" (default), "softmax", or the name of a tensor of the model. */
  align?: string;
  /** "clean" lets the alignment term move the views only (default "none"). */
  stopGradient?: Objective["stopGradient"];
  /** "alignreg-1.0" reproduces the Python package's TensorFlow objective: method "rwa" with selection "batch". */
  compat?: "alignreg-1.0";
  /**
   * Images that nothing trains on: after each epoch the model is scored on them, clean and under every member of the
   * family, by the road that `evaluate` takes (default: none). Their classes are found by name among the data's.
   */
  validation?: Dataset | ImageSource;
  /**
   * The weights that a validated run gives: those of the "best" epoch (default), with the highest robust accuracy on the
   * validation images (method "base": clean accuracy; among equals the lowest loss), or of the "last".
   */
  keep?: "best" | "last";
  /** Epochs without a higher validation accuracy after which training ends (default: it does not end early). */
  patience?: number;
  /**
   * ε, in [0, 1): both cross-entropies have the targets (1 − ε)·label + ε/K, as PyTorch's, and the worst view is chosen by the
   * same loss (default 0). Regularizers do not know of it.
   */
  labelSmoothing?: number;
  /**
   * What each class counts in both cross-entropies, which are then Σ w·loss / Σ w over the batch, as PyTorch's: "balanced" for
   * the reverse of how many images it has, numbers above 0 in the order of the data's classes, or by name, where a class that
   * is left out has 1 (default: all alike). Regularizers do not know of it.
   */
  classWeights?: ClassWeights;
  /** By the number of images, so that there are about 900 steps: 2 epochs of 60,000 images, 57 of 500; 100 at most. */
  epochs?: number;
  /** 128; where there are fewer than 1,280 images the largest power of two in a tenth of them, 8 at least. */
  batchSize?: number;
  /**
   * MB (2²⁰ bytes) that a training step may take. One that is expected to take more goes over its images in parts: the
   * same step but for rounding. Default: 60 % of what is available when the run begins.
   */
  memory?: number;
  /**
   * Whether a step that goes in parts may do so where BatchNormalization trains: it then normalises each part by its own
   * statistics, not by the whole batch's, and running statistics move by the mean of the parts'. Default false.
   */
  parts?: boolean;
  /** Default "adam"; or what `defineOptimizer` makes. */
  optimizer?: OptimizerName | OptimizerDefinition;
  /** Of an optimizer by name. */
  optimizerOptions?: OptimizerOptions;
  /**
   * What the optimizer's `weightDecay` acts on: "weights" (default), kernels and matrices; or "all", biases and what
   * normalizations scale and shift by as well, as PyTorch's optimizers do that are given all parameters alike.
   */
  decay?: "weights" | "all";
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
  /**
   * Whether what is computed from an image before anything trains is computed once and kept: false for never, true for
   * wherever there is such a part, a folder to keep it in for other runs too (default: where it saves work; in memory, or
   * beside the checkpoint until the run is finished). Losses are the same within rounding.
   */
  cache?: boolean | string;
  /** How many draws of each image the cache keeps where `crop`, `flip` or a family draws anew in each step (default: no cache then). */
  draws?: number;
  /** The most that the cache may take, in GB (default 20). */
  cacheLimit?: number;
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
  /** Called, and waited for, before the first step: with the steps and the lines of metrics of the run's earlier parts. */
  onStart?: (step: number, history: readonly MetricsLine[]) => unknown;
  onMetrics?: (line: MetricsLine) => void;
  onProgress?: (progress: TrainingProgress) => void;
  /** Called while the cache is filled. */
  onCacheProgress?: (progress: CacheProgress) => void;
  /** Called while the validation images are tested after an epoch, with the views predicted so far, of how many. */
  onValidationProgress?: (done: number, total: number) => void;
  /** The command line, for the manifest. */
  command?: string;
}

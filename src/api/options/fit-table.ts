import {
  type Criterion,
  type LossDefinition,
  type MethodDefinition,
  type RegularizerDefinition,
  type Selection,
  lossOptions,
  losses,
  methods,
  regularizers,
} from "../../align/index.ts";
import { regularizerOptions } from "../../align/regularizers/regularizer-options.ts";
import {
  type OptionTable,
  callback,
  choice,
  group,
  isRecord,
  nameOr,
  number,
  string,
  tested,
  truth,
  whole,
} from "../../options/index.ts";
import { augmixOptions } from "../../augment/mixes/mix-options.ts";
import type { GradientDefinition } from "../../autodiff/index.ts";
import type { Dataset, ImageSource } from "../../data/index.ts";
import { optimizerOptions } from "../../train/optimizers/optimizer-options.ts";
import type { OptimizerDefinition } from "../../train/optimizer.ts";
import { optimizers } from "../../train/optimizers/index.ts";
import { scheduleKinds, scheduleOptions } from "../../train/schedule-options.ts";
import type { Trainable } from "../../parameters/index.ts";
import type { ClassWeights } from "../class-weights.ts";
import type { FitOptions } from "../fit-options.ts";
import { shareOf } from "../share-of.ts";
import { cacheLimitRow, callRows, classRows, fileRows, runtimeRows, transformsRow } from "./run-options.ts";

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] =>
  Object.keys(table) as Name[];

const selections = ["sample", "batch"] as const satisfies Selection[];
const criteria = ["loss", "distance"] as const satisfies Criterion[];

/** Every option of `fit`: those without a flag are no business of the command line's. */
export const fitTable = {
  ...fileRows,
  ...classRows,
  trainable: tested(isTrainable, '"all", { last: 2 }, or a list of names such as ["fc.*"]', {
    description: "what trains: all, the last layers, or initializers by name",
    otherwise: "all; of a model with a new head, that head",
    flag: "--trainable <what>",
    alias: ["train", "layers", "parameters"],
    advice: (value) =>
      typeof value === "string" && value !== "" ? `Give [${JSON.stringify(value)}] for a name.` : undefined,
  }),
  unfreeze: tested(isTrainable, '"all", { last: 2 }, or a list of names such as ["layer4.*"]', {
    description: "what trains too once the rest has: all, the last layers, or initializers by name",
    otherwise: "nothing more",
    flag: "--unfreeze <what>",
    alias: ["unfrozen", "finetune", "fineTune"],
    advice: (value) =>
      typeof value === "string" && value !== "" ? `Give [${JSON.stringify(value)}] for a name.` : undefined,
  }),
  unfreezeEpochs: whole({
    description: "epochs with --unfreeze",
    otherwise: "as many as before it",
    flag: "--unfreeze-epochs <n>",
  }),
  unfreezeLearningRate: number(
    { least: 0 },
    {
      description: "learning rate with --unfreeze",
      otherwise: "a tenth of the one before it",
      flag: "--unfreeze-lr <x>",
    },
  ),
  method: nameOr<MethodDefinition>("defineMethod")(namesOf(methods), {
    description: "training method",
    default: "rwa",
    flag: "--method <name>",
  }),
  regularizer: nameOr<RegularizerDefinition>("defineRegularizer")(namesOf(regularizers), {
    description: "alignment regularizer of rva, rwa",
    default: "squaredL2",
    flag: "--regularizer <name>",
    alias: ["distance", "alignment"],
  }),
  regularizerOptions: group(regularizerOptions, {
    description: "of a regularizer that trains a critic beside the model",
  }),
  transforms: transformsRow("family of shifts to be robust to"),
  unlabelledRatio: number(
    { least: 0, most: 1000 },
    {
      description: "images without a label for each one with a label in a step, for the alignment term alone",
      default: 0,
      flag: "--unlabelled-ratio <x>",
      alias: ["unlabeledRatio", "unlabelled", "unlabeled", "mu"],
    },
  ),
  augmix: group(augmixOptions, { description: "of method augmix: how its mixtures are made" }),
  loss: nameOr<LossDefinition>("defineLoss")(namesOf(losses), {
    description: "what answers cost",
    default: "crossEntropy",
    flag: "--loss <name>",
    alias: ["criterion", "lossFunction", "objective"],
  }),
  lossOptions: group(lossOptions, { description: "of the loss" }),
  gradients: tested<readonly GradientDefinition[]>(
    (value) => Array.isArray(value),
    "a list of what defineGradient makes",
    {
      description:
        "rules of operators that have none of ours, or in the place of ours: modules, with commas between",
      otherwise: "none",
      flag: "--gradients <modules>",
      advice: (value) => (isRecord(value) && "rule" in value ? "Put it in a list: [rule]." : undefined),
    },
  ),
  alignmentWeight: number(
    { least: 0 },
    {
      description: "weight of the alignment term of rva, rwa, augmix (λ)",
      otherwise: "0.1; of augmix 12",
      flag: "--lambda <x>",
      alias: ["λ", "regularizerWeight", "lambdaWeight", "weight"],
    },
  ),
  alignmentWarmUp: whole(
    {
      description: "steps over which lambda rises from 0",
      default: 0,
      flag: "--lambda-warm-up <steps>",
    },
    0,
  ),
  selection: choice(selections, {
    description: "worst case of each sample, or one of the batch",
    otherwise: "sample; batch with compat",
    flag: "--selection <kind>",
  }),
  selectBy: choice(criteria, {
    description: "rwa: worst view of the loss by",
    default: "loss",
    flag: "--select-by <what>",
  }),
  alignSelectBy: choice(criteria, {
    description: "rwa: worst view of the alignment term by",
    default: "loss",
    flag: "--align-select-by <what>",
  }),
  hardest: tested<number | string>(
    (value) => shareOf(value) !== null,
    'a number above 0 and at most 1, or a fraction such as "1/3"',
    {
      description: "share of a batch that trains: the images whose view has the largest loss",
      default: 1,
      flag: "--hardest <share>",
      alias: ["worst", "hardestShare", "topk"],
    },
  ),
  align: string({
    description: "what is aligned: logits, softmax or a tensor of the model",
    default: "logits",
    flag: "--align <tensor>",
    alias: ["representation", "embedding"],
  }),
  stopGradient: choice(["none", "clean"], {
    description: "clean: the alignment term moves views only",
    default: "none",
    flag: "--stop-gradient <side>",
  }),
  compat: choice(["alignreg-1.0"], {
    description: "objective of the method's Python package",
    otherwise: "none",
    flag: "--compat <version>",
  }),
  validation: tested<Dataset | ImageSource>(isRecord, "a data set", {
    description: "images that the model is scored on after each epoch, and that nothing trains on",
    otherwise: "none",
    alias: ["validationData", "val", "valid", "dev"],
  }),
  keep: choice(["best", "last"], {
    description:
      "weights that a validated run gives: of the epoch with the highest robust accuracy (base: clean), or of the last",
    otherwise: "best, where there are validation images",
    flag: "--keep <which>",
    alias: ["keepBest", "saveBest", "restoreBest", "restoreBestWeights"],
  }),
  patience: whole({
    description: "epochs without a higher validation accuracy after which training ends",
    otherwise: "all epochs are trained",
    flag: "--patience <n>",
    alias: ["earlyStopping", "earlyStop"],
  }),
  labelSmoothing: number(
    { least: 0, below: 1 },
    {
      description: "share of each label that is spread evenly over all classes",
      default: 0,
      flag: "--label-smoothing <x>",
      alias: ["smoothing", "labelSmooth"],
    },
  ),
  classWeights: tested<ClassWeights>(
    isClassWeights,
    '"balanced", a list of numbers above 0, or an object by class',
    {
      description: "what each class counts in the loss: balanced, numbers in the classes' order, or by name",
      otherwise: "all alike",
      flag: "--class-weights <what>",
      alias: ["classWeight", "class_weight", "class_weights"],
      advice: (value) =>
        value === "balance" || value === "auto" || value === true ? 'Give "balanced".' : undefined,
    },
  ),
  epochs: whole({
    description: "passes over the data",
    otherwise: "by the number of images: 2 for 60,000, 23 for 5,000, 57 for 500",
    flag: "--epochs <n>",
    alias: ["epoch", "numEpochs", "nEpochs", "maxEpochs"],
  }),
  batchSize: whole({
    description: "images a step",
    otherwise: "128; where there are fewer than 1,280, a tenth of them, 8 at least",
    flag: "--batch-size <n>",
    alias: ["batch"],
  }),
  memory: number(
    { above: 0 },
    {
      description: "MB that a step may take; one that takes more goes over its images in parts where it can",
      otherwise: "60 % of what is available",
      flag: "--memory <MB>",
      alias: ["memoryLimit", "maxMemory", "megabytes"],
    },
  ),
  parts: truth({
    description:
      "steps go in parts also where BatchNormalization trains, which then normalises each by itself",
    default: false,
    flag: "--parts",
    alias: ["microBatches", "accumulate", "gradientAccumulation"],
  }),
  optimizer: nameOr<OptimizerDefinition>("defineOptimizer")(namesOf(optimizers), {
    description: "update rule",
    default: "adam",
    flag: "--optimizer <name>",
    alias: ["optim", "optimiser"],
  }),
  optimizerOptions: group(optimizerOptions, { description: "of the optimizer" }),
  decay: choice(["weights", "all"], {
    description: "what weight decay acts on: kernels and matrices, or biases and normalizations as well",
    otherwise: "weights",
    flag: "--decay <what>",
    alias: ["decayed", "noDecay"],
  }),
  learningRate: number(
    { least: 0 },
    { description: "learning rate", default: 1e-3, flag: "--lr <x>", alias: ["rate", "stepSize", "eta"] },
  ),
  schedule: group(scheduleOptions, {
    description: "how the learning rate moves over the run",
    otherwise: "constant",
    alias: ["scheduler", "lrSchedule"],
    advice: (value) =>
      typeof value === "string"
        ? `Give { kind: ${JSON.stringify(scheduleKinds.find((kind) => kind === value) ?? "cosine")} }.`
        : undefined,
  }),
  clipNorm: number(
    { above: 0 },
    {
      description: "largest l2 norm of the gradient",
      otherwise: "no limit",
      flag: "--clip-norm <x>",
      alias: ["clip", "maxNorm", "gradientClipping", "gradClip"],
    },
  ),
  seed: whole(
    {
      description: "decides data order, drawn views, crops and masks",
      default: 0,
      flag: "--seed <n>",
      alias: ["randomState", "randomSeed"],
    },
    0,
  ),
  crop: whole(
    {
      description: "pad each image by so many black pixels and crop it at random",
      default: 0,
      flag: "--crop <pixels>",
      alias: ["randomCrop", "padding"],
    },
    0,
  ),
  flip: truth({
    description: "mirror images left to right at random",
    default: false,
    flag: "--flip",
    alias: ["mirror", "horizontalFlip", "randomFlip"],
  }),
  augmentation: choice(["lazy", "eager"], {
    description: "make views as needed, or all at the start",
    default: "lazy",
    flag: "--augmentation <kind>",
  }),
  cache: tested<boolean | string>(
    (value) => typeof value === "boolean" || (typeof value === "string" && value !== ""),
    "true, false or a folder",
    {
      description: "folder that keeps what is computed before anything trains; other runs use it too",
      otherwise: "where it saves work: in memory, or in the run's folder until it is finished",
      flag: "--cache <dir>",
      alias: ["cacheDir", "featureCache", "cacheFolder"],
    },
  ),
  draws: whole({
    description:
      "draws of each image that the cache keeps, where crop, flip or a family draws anew in each step",
    otherwise: "no cache then",
    flag: "--draws <n>",
  }),
  cacheLimit: cacheLimitRow,
  ...runtimeRows,
  lowering: choice(["auto", "plain"], {
    description: "auto: the processor's direct convolutions if it has them",
    default: "auto",
    flag: "--lowering <name>",
  }),
  checkpoint: string({
    description: "file that holds the run's state",
    otherwise: "none",
    alias: ["checkpointPath", "checkpointFile"],
  }),
  checkpointSeconds: number(
    { least: 0 },
    {
      description: "seconds between checkpoints, besides those at the end of each epoch",
      default: 15,
      flag: "--checkpoint-seconds <s>",
    },
  ),
  resume: truth({ description: "go on from the checkpoint if there is one", default: false }),
  stepsPerLine: whole({
    description: "steps for each step line of metrics",
    default: 50,
    alias: ["logEvery"],
  }),
  ...callRows,
  onStart: callback({ description: "called once before the first step, with the steps that are done" }),
  onMetrics: callback({ description: "called with each line of metrics", alias: ["onLog"] }),
  onCacheProgress: callback({ description: "called while the cache is filled" }),
  onValidationProgress: callback({
    description: "called while validation images are tested, with the views predicted so far, of how many",
  }),
  onProgress: callback({ description: "called after each step", alias: ["onStep", "callback", "onEpoch"] }),
} satisfies OptionTable<FitOptions>;

function isTrainable(value: unknown): value is Trainable {
  if (value === "all") return true;
  if (Array.isArray(value)) return value.every((name) => typeof name === "string" && name !== "");
  return isRecord(value) && Object.keys(value).join() === "last" && typeof value.last === "number";
}

function isClassWeights(value: unknown): value is ClassWeights {
  const isWeight = (each: unknown) => typeof each === "number" && each > 0 && each < Infinity;
  if (Array.isArray(value)) return value.length > 0 && value.every(isWeight);
  return (
    value === "balanced" ||
    (isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isWeight))
  );
}

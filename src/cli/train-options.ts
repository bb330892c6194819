import { type Command, Option } from "commander";
import {
  type Criterion,
  type MethodName,
  type RegularizerName,
  type RegularizerOptions,
  type Selection,
  methods,
  regularizerByName,
  regularizers,
} from "../align/index.ts";
import type { FitOptions } from "../api/index.ts";
import {
  type OptimizerName,
  type OptimizerOptions,
  type ScheduleOptions,
  optimizerByName,
  optimizers,
} from "../train/index.ts";
import { transformsOption } from "./family-option.ts";
import { type ModelFlags, addModelOptions, trainableOf } from "./model-option.ts";
import { nonNegativeNumber, positiveNumber, wholeNumber } from "./parse-number.ts";
import type { RuntimeFlags } from "./runtime-options.ts";

/** The options that decide, with the data, what a training run makes. */
export interface TrainFlags extends RuntimeFlags, ModelFlags {
  readonly method: MethodName;
  readonly regularizer: RegularizerName;
  readonly transforms: string;
  readonly lambda: number;
  readonly lambdaWarmUp: number;
  readonly selection?: Selection;
  readonly selectBy: Criterion;
  readonly alignSelectBy: Criterion;
  readonly criticSteps?: number;
  readonly criticLr?: number;
  readonly criticWidth?: number;
  readonly lipschitz?: "penalty" | "clipping";
  readonly align: string;
  readonly stopGradient: "none" | "clean";
  readonly compat?: "alignreg-1.0";
  readonly augmentation: "lazy" | "eager";
  readonly crop?: number;
  readonly flip?: true;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly momentum?: number;
  readonly nesterov?: true;
  readonly weightDecay?: number;
  readonly schedule: NonNullable<ScheduleOptions["kind"]>;
  readonly stepEvery: number;
  readonly stepFactor: number;
  readonly warmUp: number;
  readonly clipNorm?: number;
  readonly lowering: "auto" | "plain";
}

export function addTrainOptions(command: Command): Command {
  const choice = (flags: string, description: string, choices: readonly string[], standard?: string) =>
    command.addOption(new Option(flags, description).choices(choices).default(standard));
  addModelOptions(command);
  choice("--method <name>", "training method", Object.keys(methods), "rwa");
  choice("--regularizer <name>", "alignment regularizer of rva, rwa", Object.keys(regularizers), "squaredL2");
  command
    .addOption(transformsOption("family of shifts to be robust to"))
    .option("--lambda <x>", "weight of the alignment term of rva, rwa", nonNegativeNumber, 0.1)
    .option("--lambda-warm-up <steps>", "steps over which lambda rises from 0", wholeNumber(0), 0);
  choice("--selection <kind>", "worst case of each sample, or one of the batch (default: sample)", [
    "sample",
    "batch",
  ]);
  choice("--select-by <what>", "rwa: worst view of the loss by", ["loss", "distance"], "loss");
  choice(
    "--align-select-by <what>",
    "rwa: worst view of the alignment term by",
    ["loss", "distance"],
    "loss",
  );
  command
    .option("--critic-steps <n>", "wasserstein (5), discriminator (1): its updates a step", wholeNumber(1))
    .option("--critic-lr <x>", "wasserstein, discriminator: its learning rate (1e-3)", positiveNumber)
    .option("--critic-width <n>", "wasserstein, discriminator: its hidden units (64)", wholeNumber(1));
  choice("--lipschitz <how>", "wasserstein: how its critic is bounded (penalty)", ["penalty", "clipping"]);
  command.option("--align <tensor>", "what is aligned: logits, softmax or a tensor of the model", "logits");
  choice("--stop-gradient <side>", "clean: the alignment term moves views only", ["none", "clean"], "none");
  choice("--compat <version>", "objective of the method's Python package", ["alignreg-1.0"]);
  choice("--augmentation <kind>", "make views as needed, or all at the start", ["lazy", "eager"], "lazy");
  command
    .option("--crop <pixels>", "pad each image by so many black pixels and crop it at random", wholeNumber(0))
    .option("--flip", "mirror images left to right at random")
    .option("--epochs <n>", "passes over the data", wholeNumber(1), 2)
    .option("--batch-size <n>", "images a step", wholeNumber(1), 128);
  choice("--optimizer <name>", "update rule", Object.keys(optimizers), "adam");
  command
    .option("--lr <x>", "learning rate", positiveNumber, 1e-3)
    .option("--momentum <x>", "momentum of sgd (default: 0)", nonNegativeNumber)
    .option("--nesterov", "Nesterov momentum of sgd")
    .option("--weight-decay <x>", "weight decay (default: 0; adamw 0.01)", nonNegativeNumber);
  choice("--schedule <kind>", "how the learning rate moves", ["constant", "step", "cosine"], "constant");
  command
    .option("--step-every <epochs>", "schedule step: epochs between drops", positiveNumber, 1)
    .option("--step-factor <x>", "schedule step: factor of each drop", positiveNumber, 0.1)
    .option("--warm-up <steps>", "steps over which the learning rate rises at first", wholeNumber(0), 0)
    .option("--clip-norm <x>", "largest l2 norm of the gradient (default: no limit)", positiveNumber);
  choice(
    "--lowering <name>",
    "auto: the processor's direct convolutions if it has them",
    ["auto", "plain"],
    "auto",
  );
  return command.option(
    "--seed <n>",
    "decides weights, data order, drawn views and masks",
    wholeNumber(0),
    0,
  );
}

/**
 * The options as `fit` takes them, but for the transforms: those may be a file to read.
 *
 * @throws UsageError for options that do not go together
 */
export function fitOptions(flags: TrainFlags): FitOptions {
  const optimizerOptions: OptimizerOptions = definedOnly({
    momentum: flags.momentum,
    nesterov: flags.nesterov,
    weightDecay: flags.weightDecay,
  });
  const regularizerOptions: RegularizerOptions = definedOnly({
    steps: flags.criticSteps,
    learningRate: flags.criticLr,
    hidden: flags.criticWidth,
    lipschitz: flags.lipschitz,
  });
  // Now rather than once the data is read.
  optimizerByName(flags.optimizer, optimizerOptions);
  regularizerByName(flags.regularizer, regularizerOptions);
  const step = flags.schedule === "step" ? { every: flags.stepEvery, factor: flags.stepFactor } : {};
  return {
    trainable: trainableOf(flags.trainable),
    method: flags.method,
    regularizer: flags.regularizer,
    alignmentWeight: flags.lambda,
    alignmentWarmUp: flags.lambdaWarmUp,
    regularizerOptions,
    selection: flags.selection,
    selectBy: flags.selectBy,
    alignSelectBy: flags.alignSelectBy,
    align: flags.align,
    stopGradient: flags.stopGradient,
    compat: flags.compat,
    augmentation: flags.augmentation,
    crop: flags.crop,
    flip: flags.flip,
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    optimizer: flags.optimizer,
    optimizerOptions,
    learningRate: flags.lr,
    schedule: { kind: flags.schedule, warmUp: flags.warmUp, ...step },
    clipNorm: flags.clipNorm,
    seed: flags.seed,
    executionProvider: flags.provider,
    threads: flags.threads,
    lowering: flags.lowering,
  };
}

const definedOnly = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

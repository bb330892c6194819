import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Criterion,
  type LossName,
  type MethodName,
  type RegularizerName,
  type RegularizerOptions,
  type Selection,
  lossOf,
  regularizerOf,
} from "../align/index.ts";
import { type ClassWeights, type FitOptions, fitTable } from "../api/index.ts";
import {
  type OptimizerName,
  type OptimizerOptions,
  type ScheduleOptions,
  optimizerOf,
} from "../train/index.ts";
import { takes } from "../options/index.ts";
import { familySpec, transformsOption } from "./family-option.ts";
import type { OwnDefinitions } from "./own-definitions.ts";
import { type ModelFlags, addModelOptions, trainableOf, trainableSpec } from "./model-option.ts";
import { classWeights } from "./parse-class-weights.ts";
import type { RuntimeFlags } from "./runtime-options.ts";
import { tableOption, tableOptionIfGiven } from "./table-option.ts";

/** The options that decide, with the data, what a training run makes. */
export interface TrainFlags extends RuntimeFlags, ModelFlags, OptimizerOptions {
  readonly method: MethodName;
  readonly regularizer: RegularizerName;
  readonly loss: LossName;
  readonly focalGamma?: number;
  /** Modules, with commas between. */
  readonly gradients?: string;
  readonly transforms: string;
  readonly lambda?: number;
  readonly hardest?: number | string;
  readonly unlabelledRatio?: number;
  readonly augmixSeverity?: number;
  readonly augmixWidth?: number;
  readonly augmixDepth?: number;
  readonly augmixOperations?: string;
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
  /** A folder; false for none. */
  readonly cache?: string | false;
  readonly draws?: number;
  readonly cacheLimit: number;
  readonly unfreeze?: string;
  readonly unfreezeEpochs?: number;
  readonly unfreezeLr?: number;
  readonly keep?: "best" | "last";
  readonly patience?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly memory?: number;
  readonly parts?: true;
  readonly optimizer: OptimizerName;
  readonly lr: number;
  readonly decay?: "weights" | "all";
  readonly labelSmoothing?: number;
  readonly classWeights?: ClassWeights;
  readonly schedule: NonNullable<ScheduleOptions["kind"]>;
  readonly stepEvery: number;
  readonly stepFactor: number;
  readonly warmUp: number;
  readonly clipNorm?: number;
  readonly lowering: "auto" | "plain";
}

export function addTrainOptions(command: Command): Command {
  const { regularizerOptions: critic, optimizerOptions: optimizer, schedule, augmix } = nested;
  const options = [
    tableOption(fitTable.method),
    tableOption(fitTable.regularizer),
    tableOption(fitTable.loss),
    tableOptionIfGiven(fitTable.lossOptions.members.gamma),
    tableOptionIfGiven(fitTable.gradients).argParser((text: string) => text),
    transformsOption(fitTable.transforms.description),
    tableOption(fitTable.alignmentWeight),
    tableOption(fitTable.alignmentWarmUp),
    tableOptionIfGiven(fitTable.unlabelledRatio),
    tableOptionIfGiven(fitTable.hardest).argParser(share),
    tableOptionIfGiven(augmix.severity),
    tableOptionIfGiven(augmix.width),
    tableOptionIfGiven(augmix.depth),
    tableOptionIfGiven(augmix.operations).argParser(familySpec),
    tableOption(fitTable.selection),
    tableOption(fitTable.selectBy),
    tableOption(fitTable.alignSelectBy),
    tableOptionIfGiven(critic.steps),
    tableOptionIfGiven(critic.learningRate),
    tableOptionIfGiven(critic.hidden),
    tableOptionIfGiven(critic.lipschitz),
    tableOption(fitTable.align),
    tableOption(fitTable.stopGradient),
    tableOption(fitTable.compat),
    tableOption(fitTable.augmentation),
    tableOptionIfGiven(fitTable.crop),
    tableOptionIfGiven(fitTable.flip),
    tableOption(fitTable.cache).argParser((text: string) => text),
    new Option("--no-cache", "compute what is frozen in each step"),
    tableOptionIfGiven(fitTable.draws),
    tableOption(fitTable.cacheLimit),
    tableOption(fitTable.unfreeze).argParser(trainableSpec),
    tableOptionIfGiven(fitTable.unfreezeEpochs),
    tableOptionIfGiven(fitTable.unfreezeLearningRate),
    tableOptionIfGiven(fitTable.keep),
    tableOptionIfGiven(fitTable.patience),
    tableOption(fitTable.epochs),
    tableOption(fitTable.batchSize),
    tableOptionIfGiven(fitTable.memory),
    tableOptionIfGiven(fitTable.parts),
    tableOption(fitTable.optimizer),
    tableOption(fitTable.learningRate),
    ...Object.values(optimizer).map((row) => tableOptionIfGiven(row)),
    tableOption(fitTable.decay),
    tableOptionIfGiven(fitTable.labelSmoothing),
    tableOption(fitTable.classWeights).argParser(classWeights),
    tableOption(schedule.kind),
    tableOption(schedule.every),
    tableOption(schedule.factor),
    tableOption(schedule.warmUp),
    tableOption(fitTable.clipNorm),
    tableOption(fitTable.lowering),
    tableOption(fitTable.seed, "decides weights, data order, drawn views and masks"),
  ];
  addModelOptions(command);
  for (const option of options) command.addOption(option);
  return command;
}

/** The options inside of `fit`'s options. */
const nested = {
  regularizerOptions: fitTable.regularizerOptions.members,
  optimizerOptions: fitTable.optimizerOptions.members,
  schedule: fitTable.schedule.members,
  augmix: fitTable.augmix.members,
};

/** Their flags have the same names. */
const optimizerKeys = Object.keys(nested.optimizerOptions) as (keyof OptimizerOptions)[];

/**
 * The options as `fit` takes them, but for the transforms: those may be a file to read.
 *
 * @param own  what the flags of definitions name, loaded
 * @throws UsageError for options that do not go together
 */
export function fitOptions(flags: TrainFlags, own: OwnDefinitions): FitOptions {
  const optimizerOptions: OptimizerOptions = definedOnly(
    Object.fromEntries(optimizerKeys.map((key) => [key, flags[key]])),
  );
  const regularizerOptions: RegularizerOptions = definedOnly({
    steps: flags.criticSteps,
    learningRate: flags.criticLr,
    hidden: flags.criticWidth,
    lipschitz: flags.lipschitz,
  });
  const lossOptions = definedOnly({ gamma: flags.focalGamma });
  // Now rather than once the data is read.
  optimizerOf(own.optimizer, optimizerOptions);
  regularizerOf(own.regularizer, regularizerOptions);
  lossOf(own.loss, lossOptions);
  const step = flags.schedule === "step" ? { every: flags.stepEvery, factor: flags.stepFactor } : {};
  return {
    trainable: trainableOf(flags.trainable),
    unfreeze: trainableOf(flags.unfreeze),
    unfreezeEpochs: flags.unfreezeEpochs,
    unfreezeLearningRate: flags.unfreezeLr,
    ...own,
    lossOptions,
    alignmentWeight: flags.lambda,
    alignmentWarmUp: flags.lambdaWarmUp,
    hardest: flags.hardest,
    unlabelledRatio: flags.unlabelledRatio,
    augmix: definedOnly({
      severity: flags.augmixSeverity,
      width: flags.augmixWidth,
      depth: flags.augmixDepth,
      operations: flags.augmixOperations,
    }),
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
    cache: flags.cache,
    draws: flags.draws,
    cacheLimit: flags.cacheLimit,
    keep: flags.keep,
    patience: flags.patience,
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    memory: flags.memory,
    parts: flags.parts,
    optimizerOptions,
    decay: flags.decay,
    labelSmoothing: flags.labelSmoothing,
    classWeights: flags.classWeights,
    learningRate: flags.lr,
    schedule: { kind: flags.schedule, warmUp: flags.warmUp, ...step },
    clipNorm: flags.clipNorm,
    seed: flags.seed,
    executionProvider: flags.provider,
    threads: flags.threads,
    lowering: flags.lowering,
  };
}

/** A number, or a fraction such as 1/3. */
function share(text: string): number | string {
  const value = text.includes("/") ? text : Number(text);
  if (takes(fitTable.hardest, value)) return value;
  throw new InvalidArgumentError(`Give ${fitTable.hardest.needed}.`);
}

const definedOnly = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

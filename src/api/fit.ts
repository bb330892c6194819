import { methodOf } from "../align/index.ts";
import {
  type Mixtures,
  type TransformFamily,
  type ViewSource,
  cropFlipImages,
  describeRanges,
  drawnViews,
  eagerViews,
  familyOf,
  hasRanges,
  lazyViews,
  mixOperationNames,
  mixturesOf,
  rotation,
  specOf,
} from "../augment/index.ts";
import {
  type Dataset,
  type ImageSource,
  checkSource,
  labelledPart,
  epochOrder,
  isDataset,
  labelsAt,
  sampleCount,
} from "../data/index.ts";
import type { Classifier } from "../models/index.ts";
import { isBytes } from "../options/index.ts";
import { RuntimeError } from "../runtime/index.ts";
import { type ImageReader, Notes, type Tensor, random, readBatch } from "../tensor/index.ts";
import { bufferNames, defaultTrainable } from "../parameters/index.ts";
import {
  type MetricsLine,
  type TrainingJob,
  type TrainingResult,
  type ValidatedEpoch,
  batchSource,
  evaluationForm,
  mixtureSource,
  readCheckpoint,
  savedStage,
  scheduleOf,
  stepsPerEpoch,
  train,
} from "../train/index.ts";
import { checkModelArgument } from "./check-model-argument.ts";
import { batchTermNotes } from "./batch-term-notes.ts";
import { checkRows } from "./check-rows.ts";
import { classWeightsOf } from "./class-weights.ts";
import { describeDefinition } from "./describe-definition.ts";
import { describeMatch, describePreprocessing } from "./describe.ts";
import {
  fewStepsDoubts,
  flipDoubts,
  meaningDoubts,
  mixedShiftsDoubts,
  pictureDoubts,
  stillStatisticsDoubts,
  trainedValidationDoubts,
  trainingDataDoubts,
  trainingResultDoubts,
  validationDataDoubts,
  validationResultDoubts,
} from "./doubts/index.ts";
import type { FitOptions } from "./fit-options.ts";
import { placeOf } from "./feature-place.ts";
import { type FeatureRun, planFeatures } from "./frozen-features.ts";
import { fitting } from "./fitting.ts";
import type { LoadClassifierOptions } from "./load-classifier-options.ts";
import { loadClassifier } from "./load-classifier.ts";
import { type Manifest, classifierHash, manifestOf } from "./manifest.ts";
import { gradientsOf, replacedRules } from "./own-gradients.ts";
import { openTestable } from "./open-testable.ts";
import { fitTable, loadClassifierTable } from "./options/index.ts";
import { allowedBytes, memoryNotes } from "./memory-notes.ts";
import { planRun } from "./plan-run.ts";
import { rangeNotes } from "./range-notes.ts";
import { type FitSettings, resolveFitOptions, settingsOf } from "./resolve-fit-options.ts";
import { runLength } from "./run-length.ts";
import { collapseDoubts, unlabelledImages } from "./unlabelled-images.ts";
import { trainedNotes } from "./trained-notes.ts";
import { trainedOnMetadata } from "./trained-on.ts";
import { type Stage, startingFrom, unfreezingNote, unfrozenStage } from "./unfreezing.ts";
import {
  type Calibration,
  type Validated,
  type ValidationReport,
  type ValidationRun,
  checkValidation,
  validate,
  validateKept,
  validationImages,
} from "./validation.ts";

export interface FitResult {
  /** The trained classifier; the one passed in is unchanged. */
  readonly model: Classifier;
  /** Names of the initializers that were trained. */
  readonly trained: readonly string[];
  /** What was guessed, does not train, or is doubtful, a sentence each; `onNote` got them as they became known. */
  readonly notes: readonly string[];
  readonly history: readonly MetricsLine[];
  /** The epoch whose weights the model has, and its validation scores; null where nothing is validated. */
  readonly kept: ValidatedEpoch | null;
  /** The model's temperature, and what it does; null where nothing is validated, or nothing can be said. */
  readonly calibration: Calibration | null;
  /** What the model does on the validation images, with intervals and class by class; null where there are none. */
  readonly validated: ValidationReport | null;
  readonly manifest: Manifest;
}

/** What can be trained: a classifier, or an ONNX or Keras file by path or bytes. */
export type Trainee = Classifier | string | Uint8Array;

/**
 * Trains a classifier by one of the paper's methods.
 *
 * @example
 * const { model } = await fit(lenet(), data.train, { method: "rwa", transforms: rotation() });
 * const { model } = await fit("net.keras", data.train, { inputRange: 255 });
 * const { model } = await fit("resnet.onnx", data.train, { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] });
 *
 * @throws UntrainableModelError for a model that cannot be trained as it was exported
 * @throws UsageError, ShapeError for options, data or a model that do not fit; DivergedError when the loss is not
 *         finite; CheckpointError when the checkpoint is of another run
 */
export async function fit(
  trainee: Trainee,
  images: Dataset | ImageSource,
  options: FitOptions = {},
): Promise<FitResult> {
  const startedAt = new Date();
  checkModelArgument("fit", trainee);
  checkSource("fit", "data", images);
  const { data, indices: places, notes: leftOut } = labelledPart(images, "training");
  const { unlabelledRatio } = resolveFitOptions(options);
  const unlabelled = unlabelledRatio > 0 ? unlabelledImages(images, unlabelledRatio) : null;
  // What steps draw from, of which `data` are those with a label.
  const all = unlabelled ? images : data;
  const left = unlabelled ? unlabelled.notes : leftOut;
  options.signal?.throwIfAborted();
  const notes = new Notes(options.onNote);
  const opened = await open(trainee, options, data);
  const trainable = options.trainable ?? defaultTrainable(opened.metadata);
  const length = runLength(sampleCount(data), options);
  const { batchSize, epochs } = length;
  const settings = settingsOf({ ...options, trainable, batchSize, epochs });
  const { seed } = settings;
  const name = typeof trainee === "string" ? trainee : `The model "${opened.graph.name}"`;
  notes.add(
    ...(data.notes ?? []),
    ...left,
    ...(await trainingDataDoubts(data)),
    ...(opened.notes ?? []),
    ...(opened.trainingNotes ?? []),
  );
  notes.add(...pictureDoubts(opened.pictures, data, name));
  const { model, match, notes: doubts } = fitting(opened, data, options, name);
  notes.add(...doubts);
  const method = methodOf(settings.method);
  const mixtures = settings.augmix && mixturesOf("augmix", settings.augmix);
  // Members of the family train: others are of no concern but to tests.
  const hasMembers = method.views === "random" || method.views === "worst-case";
  const family = familyOf("fit", options.transforms ?? rotation());
  if (hasMembers || options.validation) notes.add(...meaningDoubts(family, data.classNames));
  if (mixtures?.family) notes.add(...meaningDoubts(mixtures.family, data.classNames));
  notes.add(...flipDoubts(settings.flip, data.classNames));
  notes.add(...rangeNotes(family, settings, options));
  const validated = options.validation && validationImages(options.validation, data, match);
  notes.add(...(validated ? [...validated.notes, ...validationDataDoubts(validated.data, data)] : []));
  // Images in memory are quickly compared; others are read once more, which training them would wait for.
  const isHeld = validated && isDataset(validated.data) && isDataset(data);
  if (isHeld) notes.add(...(await trainedValidationDoubts(validated.data, data)));
  if (mixtures && (validated || options.transforms)) notes.add(...mixedShiftsDoubts(mixtures, family));
  const counted = classWeightsOf(settings.classWeights, data, match.logitOf);
  notes.add(...counted.notes);
  const size = {
    shape: data.shape,
    classes: Math.max(...match.logitOf) + 1,
    classWeights: counted.byLogit ?? undefined,
  };
  const run = await planRun(model, size, settings, family, name);
  const first: Stage = { run, settings };
  const { unfreeze } = settings;
  const stages = [
    first,
    ...(unfreeze ? [await unfrozenStage(model, size, first, unfreeze, family, name)] : []),
  ];
  const { prepared } = stages.at(-1)!.run;
  const { separate, trained } = prepared;
  notes.add(...replacedRules(gradientsOf(settings.gradients)));
  notes.add(...trainedNotes(prepared, settings.trainable, options.trainable === undefined));
  if (unfreeze) notes.add(unfreezingNote(stages));
  // What is made here keeps images apart; what comes from outside may not.
  if (model.metadata) notes.add(...(await rowNotes(model, data, settings, name)));

  notes.add(...length.notes);
  const count = sampleCount(data);
  const perEpoch = stepsPerEpoch(count, batchSize);
  notes.add(...batchTermNotes(run.plan.objective, Math.min(batchSize, count), count % batchSize));
  notes.add(...fewStepsDoubts({ epochs, stepsPerEpoch: perEpoch }));
  const { penalties } = model;
  const cachedStages = stages.map((stage, i) => ({
    ...stage,
    features: planFeatures(stage.run, all, family, stage.settings, options, notes, i > 0),
  }));
  const [{ features: planned }, later] = cachedStages;
  const config = {
    ...settings,
    // Names stay names, so that runs without definitions of one's own are called what they always were.
    method: describeDefinition(settings.method),
    regularizer: describeDefinition(settings.regularizer),
    optimizer: describeDefinition(settings.optimizer),
    // As before there were such options: checkpoints of then are gone on from.
    labelSmoothing: settings.labelSmoothing || null,
    hardest: settings.hardest === 1 ? null : settings.hardest,
    loss: settings.loss === "crossEntropy" ? null : describeDefinition(settings.loss),
    gradients: settings.gradients.length > 0 ? gradientsOf(settings.gradients).map(describeDefinition) : null,
    lossOptions: Object.keys(settings.lossOptions).length > 0 ? settings.lossOptions : null,
    ...describePreprocessing(model),
    ...describeMatch(match, data.classNames),
    ...(penalties && { penalties }),
    transforms: hasMembers ? describeFamily(family) : null,
    ...(mixtures && { augmix: describeMixtures(mixtures) }),
    ...(planned && { features: planned.description }),
    ...(later && { unfreeze: { ...unfreeze, trained, features: later.features?.description ?? null } }),
    ...(validated && {
      validation: {
        name: validated.data.name,
        samples: sampleCount(validated.data),
        sha256: validated.data.hash,
        transforms: describeFamily(family),
      },
    }),
  };
  const identity = { ...config, model: classifierHash(model), data: all.hash };
  // Before anything is computed for the run.
  if (options.checkpoint !== undefined && options.resume) readCheckpoint(options.checkpoint, identity);
  const allowance = allowedBytes(settings.memory);
  const session = { executionProvider: settings.executionProvider, threads: settings.threads };
  /** The classifier as it is tested, with these weights. */
  const withWeights = (weights: ReadonlyMap<string, Tensor>): Classifier => ({
    ...model,
    // A class map that leaves out the first logit names none.
    classNames: match.classNames.length > 0 ? match.classNames : undefined,
    imageShape: data.shape,
    pictures: data.pictures ?? model.pictures,
    transforms: hasMembers || validated ? specOf(family) : model.transforms,
    // Of other weights.
    temperature: undefined,
    normalizesItself: model.normalizesItself ?? false,
    graph: evaluationForm(
      { ...separate, initializers: new Map([...separate.initializers, ...weights]) },
      model.input,
    ),
  });
  const whole: ValidationRun | undefined = validated && {
    ...{ images: validated, family, withWeights, features: null, session, signal: options.signal },
    onProgress: options.onValidationProgress,
  };
  if (whole) await checkValidation(whole);
  /** Trains a stage from what the one before it gave; null for one that is gone on with, or the first. */
  const trainStage = async (
    index: number,
    earlier: TrainingResult | null,
  ): Promise<TrainingResult & { stage: number; onValidation: Validated | null }> => {
    const stage = cachedStages[index];
    const { epochs, learningRate } = stage.settings;
    const steps = { totalSteps: perEpoch * epochs, stepsPerEpoch: perEpoch };
    const features = (await stage.features?.open()) ?? null;
    const validation = whole && {
      ...whole,
      features: await validationFeatures(features, whole.images.data),
    };
    const rest = cachedStages.slice(index + 1).reduce((sum, { settings: { epochs: n } }) => sum + n, 0);
    const plan = features?.plan ?? stage.run.plan;
    const job: TrainingJob = {
      plan: earlier ? startingFrom(plan, earlier.weights) : plan,
      source: mixtures
        ? mixtureSource(changedImages(all, settings), mixtures, seed)
        : batchSource(features?.views ?? (await viewsOf(all, family, settings)), method, seed),
      labelsAt: (indices) =>
        labelsAt(all, indices).map((label) => (label < 0n ? label : BigInt(match.logitOf[Number(label)]))),
      orderOf: (epoch) => {
        const order = epochOrder(count, seed, epoch);
        return unlabelled && places ? order.map((i) => places[i]) : order;
      },
      ...(unlabelled && {
        unlabelled: {
          count: unlabelled.indices.length,
          ratio: unlabelledRatio,
          orderOf: (round: number) =>
            random(seed, "unlabelled order", round)
              .permutation(unlabelled.indices.length)
              .map((i) => unlabelled.indices[i]),
        },
      }),
      sampleCount: count,
      epochs,
      batchSize,
      seed,
      learningRate,
      learningRateSchedule: scheduleOf(settings.schedule, steps),
      alignmentWeight: settings.alignmentWeight,
      alignmentWeightSchedule: scheduleOf({ warmUp: settings.alignmentWarmUp }, steps),
      session,
      lowering: settings.lowering,
      memory: earlier?.memory ?? allowance,
      mayNormalizeParts: settings.parts,
      onMemory: (found) => notes.add(...memoryNotes(found, allowance, Math.min(batchSize, count))),
      checkpoint: options.checkpoint
        ? {
            path: options.checkpoint,
            everySeconds: options.checkpointSeconds ?? fitTable.checkpointSeconds.default,
            identity,
          }
        : null,
      resume: options.resume ?? false,
      signal: options.signal,
      validation: validation
        ? {
            by: hasMembers ? "robust" : "clean",
            keep: settings.keep ?? "best",
            patience: settings.patience,
            scoresOf: (weights) => validate(validation, weights),
          }
        : null,
      ...(cachedStages.length > 1 && {
        stage: {
          index,
          before: earlier?.done ?? { steps: 0, epochs: 0 },
          history: earlier?.history ?? [],
          best: earlier?.best ?? null,
          after: { steps: perEpoch * rest, epochs: rest },
        },
      }),
      stepsPerLine: settings.stepsPerLine,
      onStart: earlier ? undefined : options.onStart,
      onMetrics: options.onMetrics,
      onProgress: options.onProgress,
    };
    const isLast = index === cachedStages.length - 1;
    const training = train(job).then(async (result) => ({
      ...result,
      // Weights of an earlier stage may be the best, which features of this one are not made for.
      onValidation:
        isLast && whole
          ? await validateKept(index === 0 ? validation! : whole, result.weights, match.classNames)
          : null,
    }));
    const done = await training.then(
      (result) => {
        features?.close(isLast);
        return result;
      },
      (error: unknown) => {
        features?.close(false);
        throw error;
      },
    );
    if (done.steps < steps.totalSteps) {
      notes.add(
        `Training ended after epoch ${done.steps / perEpoch} of ${epochs}: the validation accuracy did not rise for ` +
          `${settings.patience} epoch${settings.patience === 1 ? "" : "s"} (patience).`,
      );
    }
    return { ...done, stage: index };
  };
  const begun = options.checkpoint !== undefined && options.resume ? savedStage(options.checkpoint) : 0;
  let made = await trainStage(Math.min(begun, cachedStages.length - 1), null);
  while (made.stage + 1 < cachedStages.length) made = await trainStage(made.stage + 1, made);
  // An earlier part of the run may have left features that this one needed no more.
  if (options.checkpoint !== undefined && options.cache !== false) placeOf(options, 0).remove();
  const { weights, history, block, form, kept, onValidation } = made;
  const calibrated = onValidation?.calibration;
  const calibration = calibrated && "temperature" in calibrated ? calibrated : null;
  if (calibrated && "none" in calibrated) {
    notes.add(`The model is given no temperature by the validation images: ${calibrated.none}.`);
  }

  const moving = bufferNames(separate, prepared.frozen, prepared.use);
  if (unlabelled) notes.add(...collapseDoubts(history));
  notes.add(...trainingResultDoubts(history, data), ...stillStatisticsDoubts(separate, moving, weights));
  if (validated) {
    if (!isHeld) notes.add(...(await trainedValidationDoubts(validated.data, data)));
    notes.add(...validationResultDoubts(kept, validated.labels));
  }
  const result: Classifier = {
    ...withWeights(weights),
    ...(calibration && { temperature: calibration.temperature }),
    metadata: await trainedOnMetadata(model.metadata, all),
  };
  return {
    model: result,
    trained,
    notes: notes.list,
    history,
    kept,
    calibration,
    validated: onValidation?.report ?? null,
    manifest: manifestOf({
      command: options.command,
      config: {
        ...config,
        initialModel: identity.model,
        block,
        form,
        ...(kept && { kept }),
        ...(calibration && { calibration }),
      },
      data: {
        ...{ name: data.name, samples: count, sha256: all.hash },
        ...(unlabelled && { unlabelled: unlabelled.indices.length }),
      },
      model: { name: model.graph.name, sha256: classifierHash(result) },
      startedAt,
    }),
  };
}

async function open(trainee: Trainee, options: FitOptions, data: ImageSource): Promise<Classifier> {
  const { output } = options;
  if (typeof trainee === "string" || isBytes(trainee)) {
    return loadClassifier(trainee, { ...fileOptions(options), imageShape: data.shape });
  }
  return { ...trainee, logits: output ?? trainee.logits };
}

/** Those of the options that say how a file is read. */
const fileOptions = (options: FitOptions): LoadClassifierOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(loadClassifierTable, name)));

/** What validates on the cache, where there is one that has room for the images. */
async function validationFeatures(
  features: FeatureRun | null,
  images: ImageSource,
): Promise<ValidationRun["features"]> {
  const views = await features?.viewsOf(images);
  return features && views ? { classifier: features.plan.classifier, views } : null;
}

/** @throws UsageError for a model whose images see one another, or that draws at random when it is tested */
async function rowNotes(
  model: Classifier,
  data: ImageSource,
  { threads, batchSize }: Pick<FitSettings, "threads" | "batchSize">,
  name: string,
): Promise<readonly string[]> {
  const tested = { ...model, graph: evaluationForm(model.graph) };
  try {
    const opened = await openTestable(tested, data.shape, { threads });
    try {
      return (await checkRows({ ...opened, title: name }, data, batchSize)).notes;
    } finally {
      await opened.release();
    }
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return [
      `${name} could not be run as it is, so whether its images see one another is not known: ${error.message}`,
    ];
  }
}

/** The images as a step has them, which views are made of. */
const changedImages = (
  data: ImageSource,
  { crop, flip, seed }: Omit<ViewSettings, "augmentation">,
): ImageReader => (crop > 0 || flip ? cropFlipImages(data, { crop, flip }, seed) : data);

type ViewSettings = Pick<FitSettings, "augmentation" | "crop" | "flip" | "seed">;

async function viewsOf(
  data: ImageSource,
  family: TransformFamily,
  settings: ViewSettings,
): Promise<ViewSource> {
  const { augmentation, seed, crop, flip } = settings;
  const images = changedImages(data, settings);
  if (hasRanges(family)) return drawnViews(images, family, seed);
  if (crop > 0 || flip) return lazyViews(images, family);
  if (augmentation === "lazy") return lazyViews(data, family);
  const all = Uint32Array.from({ length: sampleCount(data) }, (_, i) => i);
  return eagerViews(await readBatch(data, all), family);
}

/** How mixtures are made, as data. */
const describeMixtures = ({ severity, width, depth, family }: Mixtures) => ({
  ...{ severity, width, depth },
  operations: family ? describeFamily(family) : mixOperationNames,
});

/** A family as data, for manifests and checkpoints. */
export const describeFamily = ({ name, members, modules, ranges }: TransformFamily) => ({
  name,
  ...(ranges && { ranges: describeRanges(ranges) }),
  members: members.map((member) => ({ name: member.name, ...member.parameters })),
  ...(modules && { modules }),
});

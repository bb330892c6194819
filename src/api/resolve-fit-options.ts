/** What `fit` does with its options: defaults, checks of each by its table, and of those that go together. */
import { type Method, type Regularizer, isAligned, lossOf, methodOf, regularizerOf } from "../align/index.ts";
import type { AugmixOptions } from "../augment/index.ts";
import { checkOptions } from "../options/index.ts";
import { optimizerOf } from "../train/optimizers/index.ts";
import { UsageError } from "../tensor/index.ts";
import type { FitOptions } from "./fit-options.ts";
import { gradientsOf } from "./own-gradients.ts";
import { usualLength } from "./run-length.ts";
import { fitTable } from "./options/fit-table.ts";
import { shareOf } from "./share-of.ts";

/** The options with defaults filled in (those of its length for much data) and values checked; JSON-like, for the manifest. @throws UsageError */
export function resolveFitOptions(options: FitOptions) {
  checkOptions("fit", fitTable, options);
  return settingsOf(options);
}

/** The same for options that are checked already. @throws UsageError for those that do not go together */
export function settingsOf(options: FitOptions) {
  const settings = {
    method: options.method ?? fitTable.method.default,
    regularizer: options.regularizer ?? fitTable.regularizer.default,
    augmix: augmixOf(options),
    unlabelledRatio: options.unlabelledRatio ?? fitTable.unlabelledRatio.default,
    alignmentWeight: options.alignmentWeight ?? usualWeight(options),
    alignmentWarmUp: options.alignmentWarmUp ?? fitTable.alignmentWarmUp.default,
    regularizerOptions: options.regularizerOptions ?? {},
    gradients: options.gradients ?? [],
    loss: options.loss ?? fitTable.loss.default,
    lossOptions: options.lossOptions ?? {},
    selection: options.selection ?? (options.compat ? "batch" : "sample"),
    selectBy: options.selectBy ?? fitTable.selectBy.default,
    alignSelectBy: options.alignSelectBy ?? fitTable.alignSelectBy.default,
    hardest: shareOf(options.hardest) ?? 1,
    align: options.align ?? fitTable.align.default,
    stopGradient: options.stopGradient ?? fitTable.stopGradient.default,
    compat: options.compat ?? null,
    epochs: options.epochs ?? usualLength.epochs,
    batchSize: options.batchSize ?? usualLength.batchSize,
    labelSmoothing: options.labelSmoothing ?? fitTable.labelSmoothing.default,
    classWeights: options.classWeights ?? null,
    // Not a word of it in the identity of a run that is not validated.
    keep: options.keep ?? (options.validation ? ("best" as const) : null),
    patience: options.patience ?? null,
    memory: options.memory ?? null,
    parts: options.parts ?? fitTable.parts.default,
    optimizer: options.optimizer ?? fitTable.optimizer.default,
    optimizerOptions: options.optimizerOptions ?? {},
    decay: decayOf(options),
    learningRate: options.learningRate ?? fitTable.learningRate.default,
    schedule: options.schedule ?? {},
    clipNorm: options.clipNorm ?? null,
    seed: options.seed ?? fitTable.seed.default,
    crop: options.crop ?? fitTable.crop.default,
    flip: options.flip ?? fitTable.flip.default,
    augmentation: options.augmentation ?? fitTable.augmentation.default,
    executionProvider: options.executionProvider ?? fitTable.executionProvider.default,
    threads: options.threads ?? fitTable.threads.default,
    lowering: options.lowering ?? fitTable.lowering.default,
    stepsPerLine: options.stepsPerLine ?? fitTable.stepsPerLine.default,
    trainable: options.trainable ?? "all",
    unfreeze: unfreezingOf(options),
    output: options.output ?? null,
  } as const;
  if (options.resume && !options.checkpoint) {
    throw new UsageError("resume needs checkpoint: the file that holds the run's state.");
  }
  if (!options.validation) {
    const useless = (["keep", "patience"] as const).find((name) => options[name] !== undefined);
    if (useless) {
      throw new UsageError(
        `${useless} goes by scores on validation images, and there are none. Give some (validation, --validation 0.2), or leave ${useless} out.`,
      );
    }
  }
  if (settings.augmentation === "eager" && (settings.crop > 0 || settings.flip)) {
    throw new UsageError(
      `augmentation "eager" keeps views of images that never change; crop and flip change them in each step. ` +
        `Leave augmentation out, or crop and flip.`,
    );
  }
  const method = methodOf(settings.method);
  checkRegularizer(regularizerOf(settings.regularizer, settings.regularizerOptions), method, settings);
  if (settings.augmentation === "eager" && method.views === "mixes") {
    throw new UsageError(
      `augmentation "eager" keeps views that never change; the mixtures of method "${method.name}" are drawn anew in each step. ` +
        `Leave augmentation out.`,
    );
  }
  checkUnlabelled(settings, method, regularizerOf(settings.regularizer, settings.regularizerOptions));
  if (settings.compat && settings.hardest !== 1) {
    throw new UsageError(
      `compat "${settings.compat}" trains on whole batches. Leave hardest out, or leave compat out.`,
    );
  }
  gradientsOf(settings.gradients);
  const loss = lossOf(settings.loss, settings.lossOptions);
  const isCrossEntropy = settings.loss === "crossEntropy";
  if (!isCrossEntropy && settings.labelSmoothing > 0) {
    throw new UsageError(
      `labelSmoothing is of the cross-entropy, and the loss is "${loss.name}" here. Leave one of them out.`,
    );
  }
  if (settings.selectBy === "distance" || settings.alignSelectBy === "distance") {
    if (method.views !== "worst-case" || !method.isRegularized) {
      throw new UsageError(
        `Method "${method.name}" has no alignment distance to choose views by. Leave selectBy and alignSelectBy ` +
          `out, or use method "rwa".`,
      );
    }
  }
  if (settings.compat && settings.method !== "rwa") {
    throw new UsageError(`compat "${settings.compat}" is a form of method "rwa", not "${method.name}".`);
  }
  const reshaped = (["labelSmoothing", "classWeights"] as const).find((name) => settings[name]);
  if (settings.compat && !isCrossEntropy) {
    throw new UsageError(
      `compat "${settings.compat}" has plain cross-entropies, not the loss "${loss.name}". Leave loss out, or leave compat out.`,
    );
  }
  if (settings.compat && reshaped) {
    throw new UsageError(
      `compat "${settings.compat}" has plain cross-entropies. Leave ${reshaped} out, or leave compat out.`,
    );
  }
  if (settings.compat && settings.selection !== "batch") {
    throw new UsageError(
      `compat "alignreg-1.0" selects per batch; leave selection out, or leave compat out.`,
    );
  }
  return settings;
}

/** λ where it is not given. */
const usualWeight = ({ method }: FitOptions): number =>
  method !== undefined && methodOf(method).views === "mixes" ? 12 : 0.1;

/** How mixtures are made; null for methods without. @throws UsageError for options of mixtures that nothing makes */
function augmixOf({ method, augmix }: FitOptions): AugmixOptions | null {
  const chosen = methodOf(method ?? fitTable.method.default);
  if (chosen.views === "mixes") return augmix ?? {};
  const [given] = Object.keys(augmix ?? {});
  if (given === undefined) return null;
  throw new UsageError(
    `augmix.${given} is of method "augmix", not "${chosen.name}". Leave it out, or use method "augmix".`,
  );
}

/** @throws UsageError for a regularizer that does not suit how views are chosen, or how steps go */
function checkRegularizer(
  { kind, name }: Regularizer,
  { isRegularized }: Method,
  {
    selectBy,
    alignSelectBy,
    parts,
    compat,
  }: Pick<FitOptions, "selectBy" | "alignSelectBy" | "parts"> & {
    readonly compat: FitOptions["compat"] | null;
  },
): void {
  if (!isRegularized || kind === "pairs") return;
  if (compat) {
    throw new UsageError(
      `compat "${compat}" sums a distance of each image's representations, which the regularizer "${name}" does not give. ` +
        `Use "squaredL2", or leave compat out.`,
    );
  }
  if (kind === "losses") return;
  if (selectBy === "distance" || alignSelectBy === "distance") {
    throw new UsageError(
      `The regularizer "${name}" is a term over a batch, and no distance of one image that a view could be chosen by. Choose by ` +
        `"loss" (selectBy, alignSelectBy), or use another regularizer.`,
    );
  }
  if (parts) {
    throw new UsageError(
      `The regularizer "${name}" is a term over a batch, and parts would normalise each part of it by other statistics. Leave ` +
        `parts out, with a batch that fits into memory (batchSize), or use another regularizer.`,
    );
  }
}

/** @throws UsageError where images without a label would have no part, or none that is defined */
function checkUnlabelled(
  settings: Pick<FitOptions, "unlabelledRatio" | "hardest" | "selection"> & {
    readonly compat: FitOptions["compat"] | null;
  },
  method: Method,
  { kind, name }: Regularizer,
): void {
  const { unlabelledRatio: ratio = 0, hardest, selection, compat } = settings;
  if (ratio === 0) return;
  const refused = (why: string, advice: string): never => {
    throw new UsageError(`unlabelledRatio ${ratio}: ${why}. ${advice}, or leave unlabelledRatio out.`);
  };
  if (!isAligned(method))
    refused(
      `the method "${method.name}" has no alignment term for images without a label`,
      'Use "rwa", "rva" or "augmix"',
    );
  if (method.loss)
    refused(
      `the method "${method.name}" makes its loss itself, of images with a label`,
      "Use a method of ours",
    );
  if (compat) refused(`compat "${compat}" sums over images with a label`, "Leave compat out");
  if (hardest !== 1)
    refused("the hardest are told by losses, which images without a label have none of", "Leave hardest out");
  if (method.isRegularized && kind === "losses")
    refused(`the regularizer "${name}" compares losses, which need labels`, 'Use "squaredL2" or another one');
  if (method.views !== "worst-case") return;
  if (kind === "batch")
    refused(
      `the regularizer "${name}" is no distance of one image, by which its worst view is chosen`,
      'Use method "rva"',
    );
  if (selection === "batch")
    refused(
      "one view for a batch is chosen by the mean loss, which images without a label have no part in",
      'Use selection "sample"',
    );
}

/** Null where there is no weight decay. @throws UsageError where it is said what that acts on all the same */
function decayOf({ optimizer, optimizerOptions, decay }: FitOptions): FitOptions["decay"] | null {
  const { weightDecay = 0 } = optimizerOf(optimizer ?? fitTable.optimizer.default, optimizerOptions);
  if (weightDecay !== 0) return decay ?? "weights";
  if (decay === undefined) return null;
  throw new UsageError(
    `decay "${decay}" says what weight decay acts on, and there is none. Give weightDecay (--weight-decay), or leave decay out.`,
  );
}

/** @throws UsageError for a rate or epochs of what is not unfrozen */
function unfreezingOf({ unfreeze, unfreezeEpochs, unfreezeLearningRate, epochs, learningRate }: FitOptions) {
  if (unfreeze !== undefined) {
    return {
      trainable: unfreeze,
      epochs: unfreezeEpochs ?? epochs ?? usualLength.epochs,
      learningRate: unfreezeLearningRate ?? (learningRate ?? fitTable.learningRate.default) / 10,
    };
  }
  if (unfreezeEpochs === undefined && unfreezeLearningRate === undefined) return null;
  const given = unfreezeEpochs === undefined ? "unfreezeLearningRate" : "unfreezeEpochs";
  throw new UsageError(
    `${given} is of what is unfrozen. Give unfreeze (--unfreeze last:3), or leave it out.`,
  );
}

/** Checked options with their defaults. */
export type FitSettings = ReturnType<typeof settingsOf>;

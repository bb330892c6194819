/** From a prepared classifier and checked options to the plan of a training step. Needs no runtime: a page can build steps too. */
import { type Objective, lossOf, methodOf, regularizerOf } from "../align/index.ts";
import { rulesByOperator } from "../autodiff/index.ts";
import type { TransformFamily } from "../augment/index.ts";
import type { Classifier } from "../models/index.ts";
import { checkAligned } from "../features/check-aligned.ts";
import { freeBatch } from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";
import { viewsPerSample } from "../train/batch-source.ts";
import { checkModel } from "../train/check-model.ts";
import { criticPlan } from "../train/critic-plan.ts";
import { optimizerOf } from "../train/optimizers/index.ts";
import { layoutOf } from "../train/parameter-layout.ts";
import type { StepPlan } from "../train/step-plan.ts";
import { bufferNames, decayedNames } from "../parameters/index.ts";
import { withClassLogits } from "./class-logits.ts";
import type { PreparedModel } from "./prepare-model.ts";
import { gradientsOf } from "./own-gradients.ts";
import type { FitSettings } from "./resolve-fit-options.ts";
import { trainsHeadOnly } from "./trained-notes.ts";

/** The images that a step is planned for. */
export interface PlannedImages {
  /** Of one, [C, H, W]. */
  readonly shape: Shape;
  /** How many classes they are of; left out, that is not checked. */
  readonly classes?: number;
  /** By logit; left out, all classes count alike. */
  readonly classWeights?: readonly number[];
}

/**
 * @param prepared  the classifier
 * @param family    the shifts; its size decides how many images a step is fed
 * @param name      what messages call the model
 * @throws UntrainableModelError, UsageError for a model without weights that train
 */
export function planStep(
  prepared: PreparedModel,
  images: PlannedImages,
  settings: FitSettings,
  family: TransformFamily,
  name: string,
): StepPlan {
  const { trained, frozen, use, image } = prepared;
  const model = prepared.classifier;
  if (model.trainingRefusal !== undefined && !trainsHeadOnly(prepared))
    throw new UsageError(model.trainingRefusal, { isLaidOut: true });
  const ownRules = rulesByOperator(gradientsOf(settings.gradients));
  checkModel(prepared.graph, trained, model.logits, name, { input: model.input, frozen, own: ownRules });
  if (use.aligned !== undefined) checkAligned(prepared.graph, use.aligned, trained, name);
  const free = { ...model, graph: freeBatch(prepared.graph, model.input, image, model.logits) };
  const classifier = withClassLogits(free, images.shape);
  const method = methodOf(settings.method);
  const objective: Objective = {
    method,
    regularizer: regularizerOf(settings.regularizer, settings.regularizerOptions),
    selection: settings.selection,
    selectBy: settings.selectBy,
    hardest: settings.hardest,
    unlabelled: settings.unlabelledRatio > 0,
    alignSelectBy: settings.alignSelectBy,
    align: settings.align,
    stopGradient: settings.stopGradient,
    terms: settings.compat ?? "mean",
    ...((settings.labelSmoothing > 0 || images.classWeights || settings.loss !== "crossEntropy") && {
      classification: {
        ...(settings.loss !== "crossEntropy" && { own: lossOf(settings.loss, settings.lossOptions) }),
        labelSmoothing: settings.labelSmoothing,
        classWeights: images.classWeights ?? null,
      },
    }),
  };
  const decayed = settings.decay === "weights" ? decayedNames(prepared.part, prepared.use) : undefined;
  const plan: StepPlan = {
    classifier,
    objective,
    optimizer: optimizerOf(settings.optimizer, settings.optimizerOptions),
    layout: layoutOf(
      named(classifier, trained).map((p) => (decayed?.has(p.name) === false ? { ...p, isSpared: true } : p)),
    ),
    buffers: named(classifier, bufferNames(prepared.part, frozen, use)),
    frozenStatistics: frozen,
    clipNorm: settings.clipNorm,
    classes: images.classes,
    imageShape: images.shape,
    viewsPerSample: viewsPerSample(method, family),
    ...(ownRules.size > 0 && { ownRules }),
    critic: criticPlan({ classifier, objective, imageShape: images.shape }, settings.seed),
  };
  if (plan.layout.slots.length === 0) {
    throw new UsageError(
      `The model "${model.graph.name}" has no weights to train: none of its initializers is one.`,
    );
  }
  return plan;
}

const named = ({ graph }: Classifier, names: readonly string[]) =>
  names.map((name) => ({ name, shape: graph.initializers.get(name)!.shape }));

/** From a classifier and checked options to the plan of a training step. Needs no runtime: a page can build steps too. */
import { type Objective, methodByName, regularizerByName } from "../align/index.ts";
import type { TransformFamily } from "../augment/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, freeBatch, upgradeGraph } from "../onnx/index.ts";
import { type Shape, UsageError } from "../tensor/index.ts";
import { viewsPerSample } from "../train/batch-source.ts";
import { checkModel } from "../train/check-model.ts";
import { criticPlan } from "../train/critic-plan.ts";
import { optimizerByName } from "../train/optimizers/index.ts";
import { layoutOf } from "../train/parameter-layout.ts";
import { separateParameters } from "../train/separate-parameters.ts";
import { bufferNames, frozenStatistics } from "../train/statistics.ts";
import type { StepPlan } from "../train/step-graph.ts";
import { chosenNames } from "../train/trainable.ts";
import type { FitSettings } from "./resolve-fit-options.ts";

export interface PlannedStep {
  readonly plan: StepPlan;
  /** The classifier's graph with an initializer for each parameter, whose names are those of the trained weights. */
  readonly separate: Graph;
  /** Names of the initializers that train. */
  readonly trained: readonly string[];
}

/**
 * @param images  shape of one, [C, H, W], and how many classes they are of (left out: not checked)
 * @param family  the shifts; its size decides how many images a step is fed
 * @param name    what messages call the model
 * @throws UntrainableModelError, UsageError for a model without weights that train
 */
export function planStep(
  model: Classifier,
  images: { readonly shape: Shape; readonly classes?: number },
  settings: FitSettings,
  family: TransformFamily,
  name: string,
): PlannedStep {
  const separate = separateParameters(model.graph);
  const trained = chosenNames(separate, settings.trainable);
  const upgraded = upgradeGraph(separate);
  checkModel(upgraded, trained, model.logits, name);
  const [channels, ...spatial] = images.shape;
  const image = model.channelsLast ? [...spatial, channels] : images.shape;
  const classifier = { ...model, graph: freeBatch(upgraded, model.input, image) };
  const frozen = frozenStatistics(separate, trained);
  const method = methodByName(settings.method);
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
    layout: layoutOf(named(classifier, trained)),
    buffers: named(classifier, bufferNames(separate, frozen)),
    frozenStatistics: frozen,
    clipNorm: settings.clipNorm,
    classes: images.classes,
    imageShape: images.shape,
    viewsPerSample: viewsPerSample(method, family),
    critic: criticPlan({ classifier, objective, imageShape: images.shape }, settings.seed),
  };
  if (plan.layout.slots.length === 0) {
    throw new UsageError(
      `The model "${model.graph.name}" has no weights to train: none of its initializers is one.`,
    );
  }
  return { plan, separate, trained };
}

const named = ({ graph }: Classifier, names: readonly string[]) =>
  names.map((name) => ({ name, shape: graph.initializers.get(name)!.shape }));

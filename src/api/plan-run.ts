import type { TransformFamily } from "../augment/index.ts";
import type { Classifier } from "../models/index.ts";
import { type Graph, freeBatch } from "../onnx/index.ts";
import { AlignregError } from "../tensor/index.ts";
import type { StepPlan } from "../train/step-plan.ts";
import type { FitSettings } from "./resolve-fit-options.ts";
import { opaqueFrozenPart } from "./frozen-types.ts";
import { type PreparedModel, prepareModel } from "./prepare-model.ts";
import { type PlannedImages, planStep } from "./step-plan.ts";

/** What `fit` trains by, and what `inspect` therefore tries. */
export interface PlannedRun {
  readonly plan: StepPlan;
  readonly prepared: PreparedModel;
}

/**
 * The plan of a training step; the frozen part may have any operators that ONNX Runtime runs.
 *
 * @param name    what messages call the model
 * @throws UntrainableModelError, UsageError for a model or a choice that cannot train
 */
export async function planRun(
  model: Classifier,
  images: PlannedImages,
  settings: FitSettings,
  family: TransformFamily,
  name: string,
): Promise<PlannedRun> {
  const known = prepareModel(model, images.shape, settings);
  const free = freedBatch(known);
  const graph = await opaqueFrozenPart(free, model.input, known.image, known.trained, known.use.ownRules);
  const prepared = { ...known, graph };
  return { plan: planStep(prepared, images, settings, family, name), prepared };
}

/** The graph for any number of images, so that the runtime can try it with a few; as it is where that has to be said later. */
function freedBatch({ graph, classifier: { input, logits }, image }: PreparedModel): Graph {
  try {
    return freeBatch(graph, input, image, logits);
  } catch (error) {
    if (error instanceof AlignregError) return graph;
    throw error;
  }
}

/** The second stage of a run, in which more of the model trains, at a lower rate. */
import type { TransformFamily } from "../augment/index.ts";
import type { Classifier } from "../models/index.ts";
import { namePatterns } from "../parameters/index.ts";
import { type Tensor, UsageError } from "../tensor/index.ts";
import type { StepPlan } from "../train/index.ts";
import { type PlannedRun, planRun } from "./plan-run.ts";
import { prepareModel } from "./prepare-model.ts";
import type { FitSettings } from "./resolve-fit-options.ts";

/** A stage of a run, as far as it differs from the others. */
export interface Stage {
  readonly run: PlannedRun;
  readonly settings: FitSettings;
}

/**
 * The stage that follows: what trained before trains on, with what is unfrozen.
 *
 * @param images  shape of one, [C, H, W], and how many classes they are of
 * @param name    what messages call the model
 * @throws UsageError where nothing more would train; else as `planRun`
 */
export async function unfrozenStage(
  model: Classifier,
  images: Parameters<typeof planRun>[1],
  { run: first, settings }: Stage,
  unfreeze: NonNullable<FitSettings["unfreeze"]>,
  family: TransformFamily,
  name: string,
): Promise<Stage> {
  const { trainable, epochs, learningRate } = unfreeze;
  const { trained } = first.prepared;
  const chosen = prepareModel(model, images.shape, { trainable, align: settings.align }).trained;
  if (chosen.every((tensor) => trained.includes(tensor))) {
    throw new UsageError(
      `unfreeze: ${namePatterns(chosen)} train${chosen.length === 1 ? "s" : ""} from the start. Unfreeze more (--unfreeze ` +
        `last:${"last" in Object(trainable) ? (trainable as { last: number }).last + 1 : 2}, or names), or leave unfreeze out.`,
    );
  }
  const later = { ...settings, trainable: [...new Set([...trained, ...chosen])], epochs, learningRate };
  return { run: await planRun(model, images, later, family, name), settings: later };
}

/** The plan with the weights that the stage before it gave. */
export function startingFrom(plan: StepPlan, weights: ReadonlyMap<string, Tensor>): StepPlan {
  const { classifier } = plan;
  const initializers = new Map(classifier.graph.initializers);
  for (const [tensor, value] of weights) if (initializers.has(tensor)) initializers.set(tensor, value);
  return { ...plan, classifier: { ...classifier, graph: { ...classifier.graph, initializers } } };
}

/** What trains when, a sentence. */
export function unfreezingNote([first, second]: readonly Stage[]): string {
  const epochs = ({ settings: { epochs: n } }: Stage) => `${n} epoch${n === 1 ? "" : "s"}`;
  const { trained } = first.run.prepared;
  const more = second.run.prepared.trained.filter((tensor) => !trained.includes(tensor));
  return (
    `First ${namePatterns(trained)} train${trained.length === 1 ? "s" : ""} for ${epochs(first)}; then ${namePatterns(more)} too, for ` +
    `${epochs(second)} at a learning rate of ${second.settings.learningRate}.`
  );
}

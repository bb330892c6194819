/** What of a classifier would train, and whether it can: by the very step that `fit` would take. */
import { rotation } from "../augment/index.ts";
import type { Classifier } from "../models/index.ts";
import { type TensorRole, defaultTrainable, tensorRoles } from "../parameters/index.ts";
import type { SessionOptions } from "../runtime/index.ts";
import { type Shape, UsageError, random, sizeOf } from "../tensor/index.ts";
import { RunState } from "../train/run-state.ts";
import { StepRunner } from "../train/step-runner.ts";
import type { FitOptions } from "./fit-options.ts";
import { resolveFitOptions } from "./resolve-fit-options.ts";
import { isChannelsLast } from "./image-layout.ts";
import { planRun } from "./plan-run.ts";
import { declaredShape } from "./taken-images.ts";
import { prepareModel } from "./prepare-model.ts";
import { runtimeFailure } from "./run-as-it-is.ts";
import { trainedNotes } from "./trained-notes.ts";

export interface InspectOptions extends Pick<FitOptions, "trainable" | "align" | "method"> {
  /** One image, [C, H, W] (default: what the model says it takes, or 3×224×224). */
  readonly shape?: Shape;
}

/** A float tensor that the logits depend on, and whether it would train. */
export interface InspectedTensor extends Pick<TensorRole, "name" | "shape" | "kind" | "why"> {
  readonly trains: boolean;
  /** An exporter made the name up, or it is a name without a tensor of several numbers behind it. */
  readonly isMadeUp: boolean;
}

export interface Inspection {
  /** In the order in which the graph takes them. */
  readonly tensors: readonly InspectedTensor[];
  readonly notes: readonly string[];
  /** One image, [C, H, W]. */
  readonly shape: Shape;
}

/**
 * Which tensors of a classifier train.
 *
 * @throws UsageError for a choice of what trains that does not fit
 */
export function inspectTensors(classifier: Classifier, options: InspectOptions = {}): Inspection {
  const { trainable = defaultTrainable(classifier.metadata), align = "logits" } = options;
  const notes = [...(classifier.notes ?? []), ...(classifier.trainingNotes ?? [])];
  const shape = options.shape ?? declaredShape(classifier) ?? GUESSED;
  if (shape === GUESSED) {
    notes.push(
      `The model does not say how large its images are; it was tried with ${GUESSED.join("×")}. State another size.`,
    );
  }
  const prepared = prepareModel(classifier, shape, { trainable, align });
  const { part, use, trained } = prepared;
  const isTrained = new Set(trained);
  // Files have what an exporter merged at their end: a reader looks for a layer's tensors where the layer is.
  const roles = tensorRoles(part, use).toSorted(byFirstUse);
  return {
    tensors: roles.map(({ name, shape: lengths, kind, why, isMadeUp }) => ({
      name,
      shape: lengths,
      kind,
      why,
      trains: isTrained.has(name),
      isMadeUp,
    })),
    notes: [...notes, ...trainedNotes(prepared, trainable, options.trainable === undefined)],
    shape,
  };
}

/** By the node that takes a tensor first, then by its inputs; what no gradient reaches comes last. */
function byFirstUse({ uses: [a] }: TensorRole, { uses: [b] }: TensorRole): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return a.index - b.index || a.input - b.input;
}

/** Samples of the step that is tried. */
const TRIED = 2;

/**
 * Builds a training step as `fit` does, and runs it once, on noise and without moving anything.
 *
 * @param name  what messages call the model
 * @throws UntrainableModelError, UsageError, RuntimeError with what stands against training
 */
export async function tryStep(
  classifier: Classifier,
  name: string,
  options: InspectOptions & { readonly shape: Shape },
  session: SessionOptions = {},
): Promise<void> {
  try {
    await takeStep(classifier, name, options, session);
  } catch (error) {
    // What ONNX Runtime does not run, it neither trains nor tests, and no advice on training helps.
    const failure = await runtimeFailure(classifier, options.shape);
    if (failure === undefined) throw error;
    throw new UsageError(
      `${name} is not run by ONNX Runtime on ${options.shape.join("×")} images, with training or without: ${failure.replace(/[.\s]*$/, ".")} ` +
        `Give images of the size that it takes, or export the model in another form; of a Keras model, give the .keras file.`,
      { cause: error },
    );
  }
}

async function takeStep(
  classifier: Classifier,
  name: string,
  { trainable, align, method, shape }: InspectOptions & { readonly shape: Shape },
  session: SessionOptions,
): Promise<void> {
  const what = trainable ?? defaultTrainable(classifier.metadata);
  const settings = resolveFitOptions({ trainable: what, align, method, batchSize: TRIED });
  const channelsLast = classifier.channelsLast ?? isChannelsLast(classifier.graph, classifier.input, shape);
  const { plan } = await planRun({ ...classifier, channelsLast }, { shape }, settings, rotation(), name);
  const rng = random(0, "inspect");
  const runner = new StepRunner(plan, session);
  const inputs = {
    images: Float32Array.from({ length: TRIED * plan.viewsPerSample * sizeOf(shape) }, () => rng.uniform()),
    labels: BigInt64Array.from([0n, 0n]),
    alignmentWeight: 1,
    scalars: plan.optimizer.scalars(1, 0),
    seed: 0,
    step: 0,
  };
  try {
    const state = RunState.initial(plan);
    const measures = await runner.run(state, inputs);
    const isBroken = Object.values(measures).some((value) => !Number.isFinite(value));
    if (isBroken || state.firstNonFinite(plan)) {
      const origin = await runner.originOfNonFinite(RunState.initial(plan), inputs);
      throw new UsageError(
        `A step of ${name} on noise makes numbers that are not finite${origin ? `: ${origin}` : ""}. Training would ` +
          `diverge at once.`,
      );
    }
  } finally {
    await runner.release();
  }
}

/** What is tried where a model does not say what it takes. */
const GUESSED: Shape = [3, 224, 224];

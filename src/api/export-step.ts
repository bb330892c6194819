/** A training step as an ONNX file, for a runtime that is not ours to call: a page, a phone, another language. */
import { familyOf, rotation } from "../augment/index.ts";
import { type Classifier, checkClassifier, checkPixels, checkPreprocessing } from "../models/index.ts";
import { checkOptions, checkRecord, definitionName, isArrayLike, refuse } from "../options/index.ts";
import { modelOf, writeModel } from "../onnx/index.ts";
import { defaultTrainable } from "../parameters/index.ts";
import { type Shape, type Tensor, UsageError, float32 } from "../tensor/index.ts";
import { evaluationForm } from "../train/evaluation-form.ts";
import { forWebgpu } from "../train/target.ts";
import { RunState } from "../train/run-state.ts";
import { type StepGraph, buildStepGraph } from "../train/step-graph.ts";
import { stepNames } from "../train/step-names.ts";
import { weightsOf } from "../train/weights.ts";
import type { ExportStepOptions, StepRates } from "./export-step-options.ts";
import { exportStepTable, stepRates } from "./options/export-step-table.ts";
import { prepareModel } from "./prepare-model.ts";
import { settingsOf } from "./resolve-fit-options.ts";
import { planStep } from "./step-plan.ts";

/**
 * A step and what runs it. Feed `images`, `labels`, `feedsAt(step)` and the state; the scalar output `loss` is what the
 * step minimised, and each output named in `next` is the state that the next step is fed in place of the input.
 */
export interface ExportedStep {
  /** The bytes of the ONNX file. Its operators are ONNX's own and ONNX Runtime's `com.microsoft` ones. */
  readonly model: Uint8Array;
  /**
   * Shape of the input `images`, float32 pixels in [0, 1]: [V·B, C, H, W]. The B clean images come first; then, if the
   * method takes views, those of the first member of the family and so on (vwa, rwa), or one drawn for each (va, rva).
   * The input `labels` is int64, [B].
   */
  readonly images: Shape;
  /** V: 1, 2 or the size of the family. */
  readonly viewsPerSample: number;
  /** What the first step is fed, by input name: parameters, optimizer state and running statistics. All float32. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** The output that replaces each input of the state. */
  readonly next: Readonly<Record<string, string>>;
  /**
   * Inputs of Dropout nodes: tensors to draw at each step, 1/(1 − ratio) where a unit stays and 0, with probability
   * `ratio`, where it is dropped. Empty for a model without dropout.
   */
  readonly masks: StepGraph["masks"];
  /** Scalars of step `step`, 0 for the first, by input name: the optimizer's, and λ. */
  feedsAt(step: number, rates?: StepRates): Record<string, Tensor>;
  /**
   * The classifier with the weights of a state, ready to be written to a file.
   *
   * @param state  arrays by the input names of `state`
   */
  trained(state: Readonly<Record<string, Float32Array>>): Classifier;
}

/**
 * The training step of a classifier as an ONNX file, for one batch size. Nothing in here needs Node or ONNX Runtime.
 *
 * @example
 * const step = exportStep(lenet(), { method: "rwa", transforms: rotation(), batchSize: 64 });
 *
 * @throws UntrainableModelError for a model that cannot be trained as it was exported
 * @throws UsageError for options that do not fit; for a regularizer that trains a critic, which takes random inputs
 */
export function exportStep(model: Classifier, options: ExportStepOptions = {}): ExportedStep {
  checkClassifier("exportStep", "model", model);
  checkOptions("exportStep", exportStepTable, options);
  const trainable = options.trainable ?? defaultTrainable(model.metadata);
  const settings = settingsOf({ ...options, trainable });
  const { batchSize } = settings;
  const { provider = exportStepTable.provider.default } = options;
  const name = `The model "${model.graph.name}"`;
  const shape = options.shape ?? declaredImage(model);
  checkPreprocessing(model, shape[0]);
  checkPixels(model, model, name);
  const family = familyOf("exportStep", options.transforms ?? rotation());
  const prepared = prepareModel(model, shape, settings);
  const planned = planStep(prepared, { shape }, settings, family, name);
  const plan = provider === "webgpu" ? forWebgpu(planned) : planned;
  if (plan.critic) {
    throw new UsageError(
      `Regularizer "${definitionName(settings.regularizer)}" trains a critic on random mixes of each batch, which an exported step ` +
        `does not bring along. Use "squaredL2" or another regularizer without a critic, or train with fit.`,
    );
  }
  const { graph, masks } = buildStepGraph(plan, batchSize);
  const state = RunState.initial(plan).feeds();
  return {
    model: writeModel(modelOf(graph)),
    images: [batchSize * plan.viewsPerSample, ...shape],
    viewsPerSample: plan.viewsPerSample,
    state,
    next: Object.fromEntries(Object.keys(state).map((key) => [key, stepNames.next(key)])),
    masks,
    feedsAt(step, rates = {}) {
      if (!Number.isInteger(step) || step < 0)
        refuse("feedsAt", "step", step, "a whole number of at least 0");
      checkOptions("feedsAt", stepRates, rates);
      const { learningRate = settings.learningRate, alignmentWeight = settings.alignmentWeight } = rates;
      const scalars = plan.optimizer.scalars(step + 1, learningRate);
      return {
        ...Object.fromEntries(
          Object.entries(scalars).map(([key, value]) => [stepNames.scalar(key), float32([], [value])]),
        ),
        [stepNames.alignmentWeight]: float32([], [alignmentWeight]),
      };
    },
    trained(arrays) {
      checkRecord("trained", "state", arrays, "an array for each input of the state");
      const tensors = Object.entries(state).map(([key, { shape: expected }]): [string, Tensor] => {
        if (!(key in arrays)) {
          throw new UsageError(`The state has no "${key}". Give an array for each of the step's state.`);
        }
        if (!isArrayLike(arrays[key])) refuse("trained", `state "${key}"`, arrays[key], "a Float32Array");
        return [key, float32(expected, arrays[key])];
      });
      const weights = weightsOf(plan, new Map(tensors));
      const initializers = new Map([...prepared.separate.initializers, ...weights]);
      return {
        ...model,
        imageShape: [shape[0], shape[1], shape[2]],
        normalizesItself: model.normalizesItself ?? false,
        graph: evaluationForm({ ...prepared.separate, initializers }, model.input),
      };
    },
  };
}

/** [C, H, W] of the images that the model says it takes. */
function declaredImage({ graph, input, channelsLast }: Classifier): Shape {
  const lengths = graph.inputs.find((i) => i.name === input)?.shape?.slice(1) ?? [];
  const sizes = lengths.filter((n) => typeof n === "number");
  if (lengths.length !== 3 || sizes.length !== 3) {
    throw new UsageError(
      `The model "${graph.name}" does not say how large its images are: its input "${input}" is ` +
        `[N${lengths.map((n) => `, ${n ?? "?"}`).join("")}]. Give shape, [C, H, W].`,
    );
  }
  const [a, b, c] = sizes;
  return channelsLast ? [c, a, b] : [a, b, c];
}

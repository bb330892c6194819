/** Validation of a training: the images that it is validated on, and the scores of its weights on them. */
import type { TransformFamily, ViewSource } from "../augment/index.ts";
import {
  type ImageSource,
  checkSource,
  labelledPart,
  normalizedClassName,
  sampleCount,
} from "../data/index.ts";
import {
  type ClassReport,
  type Interval,
  NonFiniteError,
  type Predict,
  calibrationError,
  classResults,
  correctUnderAll,
  correctness,
  countCorrect,
  fitTemperature,
  invarianceScore,
  predictMembers,
  validationScores,
  wilson,
  withLabels,
} from "../evaluate/index.ts";
import type { Classifier } from "../models/index.ts";
import { type SessionOptions, openClassifier } from "../runtime/index.ts";
import { type ImageBatch, ShapeError, type Tensor, UsageError, sizeOf } from "../tensor/index.ts";
import { type ValidationScores, evaluationForm } from "../train/index.ts";
import type { ClassMatch } from "./match-classes.ts";
import { openTestable } from "./open-testable.ts";

/** Images to validate on, with labels as the model numbers classes. */
export interface ValidationImages {
  readonly data: ImageSource;
  /** [N] */
  readonly labels: Int32Array;
  readonly notes: readonly string[];
}

/**
 * @param data   what is trained on: the images must be of its shape, and of its classes
 * @param match  its classes among the logits
 * @throws UsageError, ShapeError for images that do not go with it
 */
export function validationImages(
  images: ImageSource,
  data: Pick<ImageSource, "name" | "shape" | "classNames">,
  match: Pick<ClassMatch, "logitOf">,
): ValidationImages {
  checkSource("fit", "validation", images);
  const { data: part, notes } = labelledPart(images, "validation");
  if (sampleCount(part) === 0) {
    throw new UsageError(
      `The validation images, ${part.name}, are none. Give one at least, or leave them out.`,
    );
  }
  if (part.shape.some((length, axis) => length !== data.shape[axis])) {
    throw new ShapeError(
      `The validation images are [${part.shape}], those of ${data.name} [${data.shape}]. Read both in one size.`,
    );
  }
  const known = new Map(data.classNames.map((name, i) => [normalizedClassName(name), match.logitOf[i]]));
  const logitOf = part.classNames.map((name) => known.get(normalizedClassName(name)) ?? -1);
  const stranger = part.labels.find((label) => logitOf[label] < 0);
  if (stranger !== undefined) {
    throw new UsageError(
      `The validation images have the class "${part.classNames[stranger]}", which ${data.name} has not. Its classes: ` +
        `${data.classNames.join(", ")}.`,
    );
  }
  const labels = part.labels.map((label) => logitOf[label]);
  return { data: part, labels, notes: [...(part.notes ?? []), ...notes] };
}

export interface ValidationRun {
  readonly images: ValidationImages;
  readonly family: TransformFamily;
  /** The classifier, as it is tested, with other weights. */
  readonly withWeights: (weights: ReadonlyMap<string, Tensor>) => Classifier;
  /** What trains, and what it is given of each image, where the frozen part is computed once; null where all is. */
  readonly features: { readonly classifier: Classifier; readonly views: ViewSource } | null;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Scores of these weights, by the road that `evaluate` takes. @throws UsageError where they give numbers that are not finite */
export async function validate(
  run: ValidationRun,
  weights: ReadonlyMap<string, Tensor>,
): Promise<ValidationScores> {
  const { images, family, signal, onProgress } = run;
  const { data, labels } = images;
  const { features } = run;
  return opened(run, weights, async (predict, classes) => {
    try {
      const options = { views: features?.views, signal, onProgress };
      const predictions = await predictMembers(predict, withLabels(data, labels, classes), family, options);
      return validationScores(predictions);
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      const { member, value } = error;
      throw new UsageError(
        `The logits of a validation image under "${member}" became ${value} in training. Try a learning rate ten times ` +
          `smaller, or gradient clipping (clipNorm 1).`,
        { cause: error },
      );
    }
  });
}

/** A model's temperature, and what it does to probabilities of the images that it was fitted on. */
export interface Calibration {
  readonly temperature: number;
  /** Images, as they are. */
  readonly images: number;
  /** Expected calibration error, in [0, 1]: at temperature 1, and at that one. */
  readonly before: number;
  readonly after: number;
}

/** What the weights that are kept do on the validation images: the scores of a test, and the answers class by class. */
export interface ValidationReport {
  readonly images: number;
  readonly clean: Interval;
  readonly robust: Interval;
  readonly invariance: Interval;
  readonly perClass: ClassReport;
}

export interface Validated {
  readonly report: ValidationReport;
  /** The temperature of these weights, fitted on the images as they are; or why there is none. */
  readonly calibration: Calibration | { readonly none: string };
}

/** Scores and calibrates the weights that are kept. */
export async function validateKept(
  run: ValidationRun,
  weights: ReadonlyMap<string, Tensor>,
  classNames: readonly string[],
): Promise<Validated> {
  const { images, family, signal } = run;
  const { data, labels } = images;
  return opened(run, weights, async (predict, classes) => {
    const options = { views: run.features?.views, signal };
    const predictions = await predictMembers(predict, withLabels(data, labels, classes), family, options);
    const correct = predictions.logits.map((member) => correctness(member, labels, classes));
    const listed = [...new Set(labels)];
    return {
      report: {
        images: labels.length,
        clean: wilson(countCorrect(correct[0]), labels.length),
        robust: wilson(countCorrect(correctUnderAll(correct)), labels.length),
        invariance: invarianceScore(predictions),
        perClass: classResults(predictions, { classNames, listed, hardest: 0 }).perClass,
      },
      calibration: calibrationOf(predictions.logits[0], labels, classes),
    };
  });
}

function calibrationOf(logits: Float32Array, labels: Int32Array, classes: number): Validated["calibration"] {
  const fitted = fitTemperature(logits, labels, classes);
  if ("none" in fitted) return fitted;
  const { temperature } = fitted;
  const errorAt = (t: number) => calibrationError([logits], labels, classes, t);
  return { temperature, images: labels.length, before: errorAt(1), after: errorAt(temperature) };
}

/** Tries the model as it comes on an image, so that what cannot be scored is known before anything is trained. */
export const checkValidation = (run: ValidationRun): Promise<void> =>
  opened({ ...run, features: null }, new Map(), () => Promise.resolve());

/** A model that predicts, and one row of what it is given. */
interface Opened {
  readonly predict: Predict;
  readonly release: () => Promise<void>;
  readonly first: ImageBatch;
}

async function opened<Result>(
  run: ValidationRun,
  weights: ReadonlyMap<string, Tensor>,
  use: (predict: Predict, classes: number) => Promise<Result>,
): Promise<Result> {
  const open = run.features ? openSuffix(run.features, run.session, weights) : openWhole(run, weights);
  const { predict, release, first } = await open;
  try {
    return await use(predict, (await predict(first)).length);
  } finally {
    await release();
  }
}

async function openWhole(
  { images: { data }, withWeights, session }: ValidationRun,
  weights: ReadonlyMap<string, Tensor>,
): Promise<Opened> {
  const first = { data: new Float32Array(sizeOf(data.shape)), shape: [1, ...data.shape] as const };
  await data.read([0], first.data);
  return { ...(await openTestable(withWeights(weights), data.shape, session)), first };
}

async function openSuffix(
  { classifier: { graph, input, logits }, views }: NonNullable<ValidationRun["features"]>,
  session: SessionOptions,
  weights: ReadonlyMap<string, Tensor>,
): Promise<Opened> {
  const initializers = new Map(graph.initializers);
  for (const name of initializers.keys()) if (weights.has(name)) initializers.set(name, weights.get(name)!);
  const first = {
    data: new Float32Array(sizeOf(views.imageShape)),
    shape: [1, ...views.imageShape] as const,
  };
  await views.fillMembers([0], [0], first.data);
  const suffix = await openClassifier(evaluationForm({ ...graph, initializers }, input), {
    ...session,
    output: logits,
  });
  return { predict: (rows) => suffix.predict(rows), release: () => suffix.release(), first };
}

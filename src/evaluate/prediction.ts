/** What a model answers about a picture. */
import { argmax } from "./accuracy.ts";
import { softmax } from "./softmax.ts";

export interface Prediction {
  /** The class's name; its number, from 0, where the model names none. */
  readonly name: string;
  /** Its place among the logits, from 0. */
  readonly classIndex: number;
  /** In [0, 1]. */
  readonly probability: number;
  /** The share of the views that are given the same answer, in [0, 1]; null where there are no views. */
  readonly stability: number | null;
  /** Of every class, in the order of the logits. */
  readonly probabilities: readonly number[];
  /** The most probable classes, five at most, the first of them first. */
  readonly top: readonly { readonly name: string; readonly probability: number }[];
}

/** Classes in `top`. */
const TOP = 5;

export interface AnswerOptions {
  /** By logit; those behind its end are numbered. */
  readonly classNames?: readonly string[];
  /** By which logits are divided before they become probabilities (default 1). */
  readonly temperature?: number;
}

/**
 * The answer about one picture: the class with the largest logit, the lower index at a tie, as in every score of a test.
 *
 * @param logits  of the picture as it is, then of each of its views, [K] each
 */
export function predictionOf(
  [clean, ...views]: readonly Float32Array[],
  { classNames = [], temperature }: AnswerOptions = {},
): Prediction {
  const classIndex = argmax(clean, 0, clean.length);
  const probabilities = softmax(clean, temperature);
  const same = views.filter((view) => argmax(view, 0, view.length) === classIndex).length;
  const nameOf = (index: number): string => classNames[index] ?? String(index);
  return {
    name: nameOf(classIndex),
    classIndex,
    probability: probabilities[classIndex],
    stability: views.length === 0 ? null : same / views.length,
    probabilities,
    top: probabilities
      .map((probability, index) => ({ name: nameOf(index), probability }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, TOP),
  };
}

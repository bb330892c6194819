import type { Answers } from "./answers.ts";
import { type Interval, wilson } from "./wilson.ts";

/** How well one class is found. Null is 0/0: nothing was asked, or nothing answered. */
export interface ClassAnswers {
  /** How many images were taken for this class, rightly or not. */
  readonly answers: number;
  /** Share of those that are of this class. */
  readonly precision: Interval | null;
  /** Share of the class's images that were taken for it. In the worst case: its robust accuracy. */
  readonly recall: Interval | null;
  /** 2·right / (images + answers), the harmonic mean of the two. */
  readonly f1: number | null;
}

export interface ClassScores {
  /** Index of the class's logit. */
  readonly index: number;
  /** The index as text where nobody has named the classes. */
  readonly name: string;
  /** Test images of this class. */
  readonly images: number;
  readonly clean: ClassAnswers;
  /** By each image's worst member. */
  readonly worstCase: ClassAnswers;
}

/** Unweighted means over the classes for which a score is defined; null where it is for none. */
export interface ClassAverages {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Images of one class that were taken for another. */
export interface Mistake {
  readonly label: string;
  readonly answer: string;
  readonly images: number;
}

/** What is found and what is mistaken for what, class by class. */
export interface ClassReport {
  /** The data's classes, and every other one that was answered, in the order of the logits. */
  readonly classes: readonly ClassScores[];
  readonly averages: { readonly clean: ClassAverages; readonly worstCase: ClassAverages };
  /**
   * Images by class (row) and answer (column), both in the order of `classes`. Null where those are more than
   * {@link largestMatrix}.
   */
  readonly confusion: { readonly clean: Matrix; readonly worstCase: Matrix } | null;
  /** The most frequent mistakes first, at most 100. */
  readonly mistakes: { readonly clean: readonly Mistake[]; readonly worstCase: readonly Mistake[] };
}

type Matrix = readonly (readonly number[])[];

/** Classes of a confusion matrix: more are millions of zeros. */
export const largestMatrix = 1000;

const mostMistakes = 100;

export interface ClassReportInput {
  /** [N] */
  readonly labels: Int32Array;
  readonly answers: { readonly clean: Answers; readonly worstCase: Answers };
  /** Of how many classes. */
  readonly classes: number;
  readonly nameOf: (index: number) => string;
  /** Classes that are listed though no image or answer is of them. */
  readonly listed: readonly number[];
}

export function classReport({ labels, answers, classes, nameOf, listed }: ClassReportInput): ClassReport {
  const images = countsOf(labels, classes);
  const counted = {
    clean: countPairs(labels, answers.clean.classes, classes),
    worstCase: countPairs(labels, answers.worstCase.classes, classes),
  };
  const shown = new Set([...listed, ...labels, ...answers.clean.classes, ...answers.worstCase.classes]);
  const indices = [...shown].sort((a, b) => a - b);
  const ofClass = ({ answered, pairs }: CountedPairs, index: number): ClassAnswers => {
    const right = pairs.get(index * classes + index) ?? 0;
    const [asked, said] = [images[index], answered[index]];
    return {
      answers: said,
      precision: said === 0 ? null : wilson(right, said),
      recall: asked === 0 ? null : wilson(right, asked),
      f1: asked + said === 0 ? null : (2 * right) / (asked + said),
    };
  };
  const scores = indices.map((index) => ({
    index,
    name: nameOf(index),
    images: images[index],
    clean: ofClass(counted.clean, index),
    worstCase: ofClass(counted.worstCase, index),
  }));
  const matrix = ({ pairs }: CountedPairs) =>
    indices.map((label) => indices.map((answer) => pairs.get(label * classes + answer) ?? 0));
  const mistakes = ({ pairs }: CountedPairs) =>
    [...pairs]
      .map(([pair, count]) => ({ label: Math.floor(pair / classes), answer: pair % classes, images: count }))
      .filter(({ label, answer }) => label !== answer)
      .sort((a, b) => b.images - a.images || a.label - b.label || a.answer - b.answer)
      .slice(0, mostMistakes)
      .map(({ label, answer, images }) => ({ label: nameOf(label), answer: nameOf(answer), images }));
  return {
    classes: scores,
    averages: {
      clean: averages(scores.map(({ clean }) => clean)),
      worstCase: averages(scores.map(({ worstCase }) => worstCase)),
    },
    confusion:
      indices.length > largestMatrix
        ? null
        : { clean: matrix(counted.clean), worstCase: matrix(counted.worstCase) },
    mistakes: { clean: mistakes(counted.clean), worstCase: mistakes(counted.worstCase) },
  };
}

interface CountedPairs {
  /** Answers of each class, [K]. */
  readonly answered: Uint32Array;
  /** Images by label · K + answer, those that occur: K² may be millions. */
  readonly pairs: ReadonlyMap<number, number>;
}

function countPairs(labels: Int32Array, answers: Int32Array, classes: number): CountedPairs {
  const pairs = new Map<number, number>();
  labels.forEach((label, i) => {
    const pair = label * classes + answers[i];
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  });
  return { answered: countsOf(answers, classes), pairs };
}

function countsOf(values: Int32Array, classes: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (const value of values) counts[value]++;
  return counts;
}

function averages(scores: readonly ClassAnswers[]): ClassAverages {
  const mean = (values: readonly (number | null | undefined)[]) => {
    const defined = values.filter((value) => value !== null && value !== undefined);
    return defined.length === 0 ? null : defined.reduce((a, b) => a + b, 0) / defined.length;
  };
  return {
    precision: mean(scores.map(({ precision }) => precision?.value)),
    recall: mean(scores.map(({ recall }) => recall?.value)),
    f1: mean(scores.map(({ f1 }) => f1)),
  };
}

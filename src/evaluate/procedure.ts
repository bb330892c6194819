import { correctUnderAll, correctness, countCorrect } from "./accuracy.ts";
import { type AlignmentGap, alignmentGap } from "./alignment-gap.ts";
import { type Bound, bound } from "./bound.ts";
import { efficiency } from "./efficiency.ts";
import { checkOptions } from "../options/index.ts";
import { type InvarianceOptions, invarianceScore, invarianceTable } from "./invariance.ts";
import { type Predictions, checkPredictions } from "./predictions.ts";
import { type Interval, wilson } from "./wilson.ts";

/**
 * Every score of the test procedure. Accuracies, shares and scores are fractions in [0, 1]. The invariance score is of
 * the embeddings, which are the logits unless others are given; everything else is of the logits.
 */
export interface Scores {
  /** Number of samples, N. */
  readonly samples: number;
  readonly classes: number;
  /** Accuracy on the untransformed images. */
  readonly cleanAccuracy: Interval;
  /** Share of samples right under every member, the identity included. */
  readonly robustAccuracy: Interval;
  readonly invarianceScore: Interval;
  /** Accuracy under each member, identity first. */
  readonly members: readonly MemberAccuracy[];
  readonly alignmentGap: AlignmentGap;
  /** Share of samples that satisfy the efficiency assumption. */
  readonly efficiency: number;
  /** Clean risk, mean alignment gap and worst-case risk, for three risks. */
  readonly bound: Bound;
}

/** Accuracy under one member of the family, with its Wilson interval. */
export interface MemberAccuracy {
  readonly name: string;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Scores what a model predicted for a labelled test set under a transform family. Definitions, tie rules and
 * intervals: docs/procedure.md.
 *
 * @throws UsageError, LabelError, ShapeError, NonFiniteError as `checkPredictions` and `invarianceScore` do
 */
export function scorePredictions(predictions: Predictions, options: InvarianceOptions = {}): Scores {
  checkPredictions(predictions);
  checkOptions("scorePredictions", invarianceTable, options);
  const { labels, classes, memberNames, logits } = predictions;
  const samples = labels.length;
  const correct = logits.map((member) => correctness(member, labels, classes));
  return {
    samples,
    classes,
    cleanAccuracy: wilson(countCorrect(correct[0]), samples),
    robustAccuracy: wilson(countCorrect(correctUnderAll(correct)), samples),
    invarianceScore: invarianceScore(predictions, options),
    members: correct.map((member, a) => {
      const { value, low, high } = wilson(countCorrect(member), samples);
      return { name: memberNames[a], accuracy: value, low, high };
    }),
    alignmentGap: alignmentGap(predictions),
    efficiency: efficiency(predictions),
    bound: bound(predictions),
  };
}

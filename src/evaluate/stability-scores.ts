/** How far a picture's stability can be trusted: whether its answer is right where its views are given the same one. */
import { argmax, countCorrect, correctness } from "./accuracy.ts";
import { areaUnderCurve } from "./area-under-curve.ts";
import type { Predictions } from "./predictions.ts";
import { topProbability } from "./softmax.ts";

/** Images, and how many of them are classified correctly as they are. */
export interface RightOf {
  readonly images: number;
  readonly right: number;
}

export interface StabilityScores {
  /** Images all of whose views are given the image's own answer. */
  readonly agreeing: RightOf;
  /** The others. */
  readonly others: RightOf;
  /** Of stability, the share of views that agree: how well it tells right answers from wrong ones; null where all are right, or all wrong. */
  readonly areaUnderCurve: number | null;
  /** That of the answer's probability, which knows no views. */
  readonly areaOfProbability: number | null;
}

/**
 * @param predictions  that `checkPredictions` accepts
 * @returns            null where there are no views but the images
 */
export function stabilityScores(
  { logits, labels, classes }: Predictions,
  temperature?: number,
): StabilityScores | null {
  const [clean, ...views] = logits;
  if (views.length === 0) return null;
  const right = correctness(clean, labels, classes);
  const agreeing = Uint32Array.from(labels, (_, i) => {
    const answer = argmax(clean, i * classes, classes);
    return views.filter((view) => argmax(view, i * classes, classes) === answer).length;
  });
  const probability = Float64Array.from(labels, (_, i) =>
    topProbability(clean.subarray(i * classes, (i + 1) * classes), temperature),
  );
  const rightOf = (isMeant: (count: number) => boolean): RightOf => {
    const meant = right.filter((_, i) => isMeant(agreeing[i]));
    return { images: meant.length, right: countCorrect(meant) };
  };
  return {
    agreeing: rightOf((count) => count === views.length),
    others: rightOf((count) => count < views.length),
    areaUnderCurve: areaUnderCurve(agreeing, right),
    areaOfProbability: areaUnderCurve(probability, right),
  };
}

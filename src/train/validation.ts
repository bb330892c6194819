/** What validation after each epoch says, which epoch's weights are kept by it, and when it ends a run. */
import { z } from "zod";

export const validationScoresSchema = z.object({
  /** Accuracy on the images as they are, in [0, 1]. */
  clean: z.number(),
  /** Share of the images that are right under every member of the family. */
  robust: z.number(),
  /** Mean cross-entropy of the images as they are, in nats … */
  cleanLoss: z.number(),
  /** … and of each one under the member where it is largest. */
  robustLoss: z.number(),
});

/** Scores on the validation images, by the weights as they are at the end of an epoch. */
export type ValidationScores = Readonly<z.infer<typeof validationScoresSchema>>;

/** By which accuracy epochs are compared. */
export type ValidationCriterion = "clean" | "robust";

/** How a run is validated. */
export interface ValidationPlan<Weights> {
  /** Scores of these weights. */
  readonly scoresOf: (weights: Weights) => Promise<ValidationScores>;
  readonly by: ValidationCriterion;
  /** The weights that a run gives: those of its best epoch, or of its last. */
  readonly keep: "best" | "last";
  /** Epochs without a higher accuracy after which the run ends; null for none. */
  readonly patience: number | null;
}

/** An epoch's line of metrics, as far as it says how the epoch did. */
interface EpochLine {
  readonly kind: string;
  readonly epoch: number;
  readonly validation?: ValidationScores;
}

/** An epoch and how it did. */
export interface ValidatedEpoch {
  readonly epoch: number;
  readonly validation: ValidationScores;
}

/** The epoch with the highest accuracy; among equals the one with the lowest loss, then the first. */
export function bestEpoch(
  history: readonly EpochLine[],
  by: ValidationCriterion,
): ValidatedEpoch | undefined {
  const loss = by === "clean" ? "cleanLoss" : "robustLoss";
  let best: ValidatedEpoch | undefined;
  for (const { epoch, validation } of epochsOf(history)) {
    const isBetter =
      !best ||
      validation[by] > best.validation[by] ||
      (validation[by] === best.validation[by] && validation[loss] < best.validation[loss]);
    if (isBetter) best = { epoch, validation };
  }
  return best;
}

/** Whether the accuracy has not risen for `patience` epochs. */
export function isOutOfPatience(
  history: readonly EpochLine[],
  { by, patience }: Pick<ValidationPlan<unknown>, "by" | "patience">,
): boolean {
  if (patience === null) return false;
  const accuracies = epochsOf(history).map(({ validation }) => validation[by]);
  const highest = accuracies.indexOf(Math.max(...accuracies));
  return accuracies.length - 1 - highest >= patience;
}

const epochsOf = (history: readonly EpochLine[]): ValidatedEpoch[] =>
  history.flatMap(({ kind, epoch, validation }) =>
    kind === "epoch" && validation ? [{ epoch, validation }] : [],
  );

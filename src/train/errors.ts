import { AlignregError } from "../tensor/index.ts";

/** Training cannot go on: the loss, the gradient's norm or the weights are no longer finite numbers. */
export class DivergedError extends AlignregError {
  readonly step: number;
  readonly learningRate: number;
  /** @param facts  `what` became `value` */
  constructor(facts: {
    what: string;
    value: number;
    step: number;
    learningRate: number;
    alignmentWeight: number;
  }) {
    super(
      `The ${facts.what} became ${facts.value} at step ${facts.step} (learning rate ${facts.learningRate}, ` +
        `alignment weight ${facts.alignmentWeight}). Try a learning rate ten times smaller, gradient clipping ` +
        `(clipNorm 1), a warm-up, or a smaller alignment weight; and check that the pixels are finite.`,
    );
    this.step = facts.step;
    this.learningRate = facts.learningRate;
  }
}

/** A checkpoint cannot be read, or belongs to another run. */
export class CheckpointError extends AlignregError {}

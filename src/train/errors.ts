import { AlignregError } from "../tensor/index.ts";

/** Training cannot go on: the loss is no longer a finite number. */
export class DivergedError extends AlignregError {
  readonly step: number;
  readonly learningRate: number;
  constructor(facts: { step: number; learningRate: number; loss: number; alignmentWeight: number }) {
    super(
      `The loss became ${facts.loss} at step ${facts.step} (learning rate ${facts.learningRate}, ` +
        `alignment weight ${facts.alignmentWeight}). Try a learning rate ten times smaller, gradient clipping ` +
        `(clipNorm 1), a warm-up, or a smaller alignment weight; and check that the pixels are finite.`,
    );
    this.step = facts.step;
    this.learningRate = facts.learningRate;
  }
}

/** A checkpoint cannot be read, or belongs to another run. */
export class CheckpointError extends AlignregError {}

import { AlignregError } from "../tensor/index.ts";

/** Training cannot go on: the loss, the gradient's norm or the weights are no longer finite numbers. */
export class DivergedError extends AlignregError {
  readonly step: number;
  readonly learningRate: number;
  /**
   * @param facts  `what` became `value`; `origin`, where it is known: the first node of the model whose numbers are not
   *               finite, although nothing has been trained yet
   */
  constructor(facts: {
    what: string;
    value: number;
    step: number;
    learningRate: number;
    alignmentWeight: number;
    origin?: string;
  }) {
    const { what, value, step, learningRate, alignmentWeight, origin } = facts;
    super(
      origin === undefined
        ? `The ${what} became ${value} at step ${step} (learning rate ${learningRate}, ` +
            `alignment weight ${alignmentWeight}). Try a learning rate ten times smaller, gradient clipping ` +
            `(clipNorm 1), a warm-up, or a smaller alignment weight; and check that the pixels are finite.`
        : `The ${what} became ${value} in the first step, before anything was trained: ${origin}. No learning rate ` +
            `helps: keep its input away from where it has no finite value or slope (a small number added under a root, ` +
            `a logarithm or a division), or train only what comes behind it (trainable).`,
    );
    this.step = step;
    this.learningRate = learningRate;
  }
}

/** A checkpoint cannot be read, or belongs to another run. */
export class CheckpointError extends AlignregError {
  constructor(
    /** What is wrong, a sentence. */
    readonly reason: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(`${reason} ${advice}`, options);
  }
}

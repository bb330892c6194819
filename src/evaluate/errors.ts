import { AlignregError } from "../tensor/errors.ts";

/** A model's output for one sample is NaN or infinite, so no score of it would mean anything. */
export class NonFiniteError extends AlignregError {
  /** @param what  "logits" or "embeddings" */
  constructor(
    readonly what: string,
    readonly member: string,
    readonly sample: number,
    readonly value: number,
  ) {
    super(
      `The ${what} of member "${member}", sample ${sample} contain ${value}. ` +
        `Check that training has not diverged and that the images are finite.`,
    );
  }
}

/** A label names no class. */
export class LabelError extends AlignregError {
  constructor(
    readonly sample: number,
    readonly label: number,
    readonly classes: number,
  ) {
    super(
      `Label ${label} of sample ${sample} names none of the ${classes} classes. ` +
        `Labels are class indices from 0 to ${classes - 1}.`,
    );
  }
}

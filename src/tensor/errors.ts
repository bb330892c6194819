/** Every error that alignreg throws on purpose: its message says what is wrong, where, and what to do. */
export class AlignregError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Shapes, or a shape and its data, do not fit together. */
export class ShapeError extends AlignregError {}

/** A value from the user (option, argument, configuration) is not acceptable. */
export class UsageError extends AlignregError {}

import { UsageError } from "../tensor/index.ts";

/** A file of ours that does not hold what we write there: cut, edited, or something else in its place. */
export class DamagedFileError extends UsageError {
  constructor(
    readonly path: string,
    /** As in "it is cut". */
    readonly reason: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(`${path} is damaged: ${reason}. ${advice}`, options);
  }
}

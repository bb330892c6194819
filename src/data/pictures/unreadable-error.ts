import { DataError } from "../errors.ts";

/** Pictures that a message names. */
const most = 20;

/** Some pictures could not be read; what became of the others is said elsewhere. */
export class UnreadableError extends DataError {
  /** @param errors  of each picture, in the order of the pictures */
  constructor(
    readonly errors: readonly Error[],
    of: number,
  ) {
    const reasons = errors.slice(0, most).map(({ message }) => withoutAdvice(message));
    const rest = errors.length > most ? ` And ${errors.length - most} more.` : "";
    const which = of === 1 ? "" : `${errors.length} of ${of} pictures cannot be read: `;
    super(`${which}${reasons.join(" ")}${rest}`, { cause: errors[0] });
  }
}

/** Nobody has a folder to take it out of. */
const withoutAdvice = (message: string): string => message.replace(/ Replace it or take it out.*$/s, "");

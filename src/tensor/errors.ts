import { terminalLine, terminalText } from "../text/index.ts";

export interface AlignregErrorOptions extends ErrorOptions {
  /** The message has lines of its own; names and texts of others in it went through `terminalLine`. */
  readonly isLaidOut?: boolean;
}

/** Every error that alignreg throws on purpose: its message says what is wrong, where, and what to do. */
export class AlignregError extends Error {
  declare readonly isLaidOut: boolean;

  constructor(message: string, { isLaidOut = false, ...options }: AlignregErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    // Not to be listed where an error is printed.
    Object.defineProperty(this, "isLaidOut", { value: isLaidOut });
    calmStack(this, isLaidOut ? terminalText : terminalLine);
    if (options.cause instanceof Error) calmStack(options.cause, terminalLine);
  }
}

/**
 * Node prints the stack of an error that nobody catches, and of its causes, as it is. The message stays what it is: names of
 * others may stand in it, which programs compare.
 */
function calmStack(error: Error, calm: (message: string) => string): void {
  const { message } = error;
  const shown = calm(message);
  // A stack is made when it is first read, and costs more than the whole error.
  if (shown === message || !error.stack?.includes(message)) return;
  Reflect.set(
    error,
    "stack",
    error.stack.replace(message, () => shown),
  );
}

/** Shapes, or a shape and its data, do not fit together. */
export class ShapeError extends AlignregError {}

/** A value from the user (option, argument, configuration) is not acceptable. */
export class UsageError extends AlignregError {}

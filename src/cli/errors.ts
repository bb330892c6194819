import { CommanderError } from "commander";
import { AlignregError } from "../tensor/index.ts";
import { printError, printStack, printStatus } from "./print.ts";

/** Exit codes besides 0. An interrupted run ends with 128 + the signal's number, as shells have it. */
export const exitCodes = { failure: 1, usage: 2, partly: 3 } as const;

/** Something could not be done; what the command was called for besides was, and its result is out. */
export class PartlyError extends AlignregError {
  constructor(cause: AlignregError) {
    super(cause.message, { cause });
  }
}

/**
 * Reports on stderr why a command ended, and gives its exit code. An error that we, or the file system, meant for
 * the user to read is its message alone, with the stack when `isVerbose`; any other is a bug of ours and shows it all.
 */
export function exitCodeFor(error: unknown, { isVerbose }: { isVerbose: boolean }): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof AlignregError || isSystemError(error)) {
    printError(error);
    if (isVerbose) printStack(error);
  } else {
    printStatus("error: this is a bug in alignreg; please report it with the lines below.");
    printStack(error);
  }
  return error instanceof PartlyError ? exitCodes.partly : exitCodes.failure;
}

/** The disk is full, a file cannot be written, and the like. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";

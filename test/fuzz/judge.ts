/** What a case may end in. */
import { CommanderError } from "commander";
import { AlignregError } from "../../src/tensor/index.ts";

/** A result that says nothing of what is wrong with it. */
export class UnjudgedResultError extends Error {}

/** An error that was made for its reader: ours, the file system's, or the command line's. */
export function isNamed(error: unknown): boolean {
  if (error instanceof CommanderError) return true;
  if (error instanceof AlignregError) return !/bug in alignreg|^internal:/.test(error.message);
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

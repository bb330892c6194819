import { exitCodeFor } from "./errors.ts";

/**
 * Errors that nothing catches, as a module of the user's may throw them from a timer, end the process with our words: Node
 * would print their text as it is. What is held is given back, as at any exit.
 */
export function reportUncaught(isVerbose: boolean): void {
  // Rejections that nobody handles come here too.
  process.on("uncaughtException", (error) => process.exit(exitCodeFor(error, { isVerbose })));
}

import { inspect } from "node:util";
import { terminalLine } from "../text/index.ts";

/** Causes of causes that are shown: a chain may be a ring. */
const longestChain = 8;

/**
 * An error as Node prints it, with its causes, but no line of it stems from its message: what `inspect` gives could not be
 * told apart from that any more.
 */
export function stackText(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return terminalLine(inspect(error));
  const { name, message, stack = "", cause, ...facts } = error;
  const frames = stack
    .replace(message, "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  const known = Object.keys(facts).length > 0 ? [`    ${inspect(facts, { breakLength: Infinity })}`] : [];
  const lines = [`${name}: ${message}`, ...frames, ...known].map(terminalLine);
  if (cause === undefined || depth === longestChain) return lines.join("\n");
  return [...lines, `Caused by ${stackText(cause, depth + 1)}`].join("\n");
}

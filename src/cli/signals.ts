/** What ends a long command from outside, and how. */

import { isatty } from "node:tty";

/** Exit codes of shells: 128 + the signal's number. SIGHUP comes when the terminal is gone. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const signals = Object.keys(codes) as (keyof typeof codes)[];

/**
 * Calls `end` with the exit code to end with, once, when a signal comes. Its listener may throw nothing.
 *
 * @returns what takes the listeners away again
 */
export function onSignals(end: (code: number, signal: NodeJS.Signals) => void): () => void {
  const listeners = signals.map((signal) => {
    const listener = () => {
      // Of another's terminal; see outliveTerminals.
      if (signal === "SIGHUP" && !hasTerminal()) return;
      end(codes[signal], signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/**
 * Until it is undone, a signal ends the process with its exit code, rather than at once: what is held is given back. Where
 * another listens too, it is left to that one.
 */
export const exitOnSignals = (): (() => void) =>
  onSignals((code, signal) => {
    if (process.listenerCount(signal) === 1) process.exit(code);
  });

/**
 * Lets a command that has no terminal outlive one: Node forgets that nohup told it to ignore SIGHUP.
 */
export function outliveTerminals(): void {
  if (!hasTerminal()) process.on("SIGHUP", () => undefined);
}

const hasTerminal = (): boolean => [0, 1, 2].some((file) => isatty(file));

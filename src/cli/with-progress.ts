import { printLastWords } from "./print.ts";
import { type Progress, openProgress } from "./progress.ts";

/** Exit codes of shells: 128 + the signal's number. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a long job with its progress shown. An interrupt by the user ends the process; files are safe as they are,
 * each being written whole or not at all.
 *
 * @param lastWords  what to print then, e.g. how to go on later
 */
export async function withProgress<Result>(
  label: string,
  lastWords: () => string,
  job: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = openProgress(label);
  const stopListening = onSignals((code) => {
    progress.stop();
    printLastWords(lastWords());
    process.exit(code);
  });
  try {
    return await job(progress);
  } finally {
    progress.stop();
    stopListening();
  }
}

/** Returns what takes the listeners away again. */
function onSignals(end: (code: number) => void): () => void {
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const listener = () => end(codes[signal]);
    process.once(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

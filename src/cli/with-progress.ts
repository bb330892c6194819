import { printLastWords } from "./print.ts";
import { type Progress, openProgress } from "./progress.ts";
import { onSignals } from "./signals.ts";

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
    try {
      progress.stop();
      printLastWords(lastWords());
    } finally {
      process.exit(code);
    }
  });
  try {
    return await job(progress);
  } finally {
    stopListening();
    progress.stop();
  }
}

import type { RunStudyOptions } from "./run-options.ts";
import type { StudyRun } from "./run-study.ts";

/**
 * Trains, chooses λ, tests and tabulates what a study file asks for, as `alignreg study run` does: cells run in processes of
 * their own, and what the folder holds of an earlier, stopped run is gone on with, to the same bits.
 *
 * @example
 * const { result, overview } = await runStudy("study.yaml", { out: "runs/study", jobs: 2, signal });
 *
 * @param file  the path of a study file (docs/study.md)
 * @throws StudyFileError, UsageError, DataError for a study that cannot be run; LockedError when another process runs one in
 *         the folder; the signal's reason. Cells that fail are in the overview
 */
export async function runStudy(file: string, options: RunStudyOptions): Promise<StudyRun> {
  // A program without a study loads nothing of what one is read and tabulated with.
  const study = await import("./run-study.ts");
  return study.runStudy(file, options);
}

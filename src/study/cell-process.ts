/**
 * The process of one cell: takes a job from the runner, does it and ends. A crash here, of whatever kind, is one
 * failed cell there.
 */
import { type CellJob, type JobProgress, type JobTimes, runCell } from "./run-cell.ts";

/** What the process tells the runner. */
export type CellMessage =
  | ({ readonly kind: "progress" } & JobProgress)
  | { readonly kind: "done"; readonly times: JobTimes }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

/** Milliseconds between progress messages. */
const progressInterval = 200;

if (process.send) {
  // Without its runner nobody would know of this process: it must not go on into the next run's way.
  process.on("disconnect", () => process.exit(1));
  // An interrupt reaches the whole group of a terminal; the runner decides what it means.
  process.on("SIGINT", () => undefined);
  process.once("message", (job: CellJob) => void work(job));
}

async function work(job: CellJob): Promise<void> {
  let sentAt = -Infinity;
  let message: CellMessage;
  try {
    const times = await runCell(job, (progress) => {
      const now = performance.now();
      if (now - sentAt < progressInterval) return;
      sentAt = now;
      tell({ kind: "progress", ...progress });
    });
    message = { kind: "done", times };
  } catch (error) {
    const known = error instanceof Error ? error : new Error(String(error));
    message = { kind: "failed", message: known.message, stack: known.stack ?? "" };
  }
  // Exits only when the runner has it: a message under way is lost with its process.
  process.send!(message, () => process.exit(0));
}

const tell = (message: CellMessage): void => void process.send!(message);

/**
 * The process in which cells are trained: takes a job from the runner, does it, and waits for the next. A crash here,
 * of whatever kind, is one failed cell there.
 */
import { type CellJob, type JobProgress, type JobTimes, runCell } from "./run-cell.ts";
import { StudyData } from "./study-data.ts";

/** What the process tells the runner. */
export type CellMessage =
  | ({ readonly kind: "progress" } & JobProgress)
  | { readonly kind: "note"; readonly note: string }
  | { readonly kind: "done"; readonly times: JobTimes }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

/** Milliseconds between progress messages. */
const progressInterval = 200;

if (process.send) {
  // Without its runner nobody would know of this process: it must not get into the next run's way.
  process.on("disconnect", () => process.exit(0));
  // An interrupt, and the end of a terminal, reach the whole group; the runner decides what they mean.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  const dataOf = keepLast();
  process.on("message", (job: CellJob) => void work(job, dataOf(job)));
}

async function work(job: CellJob, data: StudyData): Promise<void> {
  let sentAt = -Infinity;
  try {
    const onProgress = (progress: JobProgress) => {
      const now = performance.now();
      if (now - sentAt < progressInterval) return;
      sentAt = now;
      tell({ kind: "progress", ...progress });
    };
    const times = await runCell(job, data, { onProgress, onNote: (note) => tell({ kind: "note", note }) });
    tell({ kind: "done", times });
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    // Ends only when the runner has it: a message under way is lost with its process.
    process.send!({ kind: "failed", message, stack } satisfies CellMessage, () => process.exit(1));
  }
}

const tell = (message: CellMessage): void => void process.send!(message);

/** All cells of a study have the same data: it is read once. */
function keepLast(): (job: CellJob) => StudyData {
  let last: { key: string; data: StudyData } | null = null;
  return ({ cell: { config }, directory }) => {
    const settings = { data: config.data, dataSeed: config.dataSeed, model: config.model };
    const key = JSON.stringify([settings, directory]);
    if (last?.key !== key) last = { key, data: new StudyData(settings, directory) };
    return last.data;
  };
}

/** The process in which cells are trained: takes a job from the runner, does it, and waits for the next. */
import { serveJobs } from "../processes/index.ts";
import type { CellSaid } from "./cell-worker.ts";
import { type CellJob, type JobProgress, type JobTimes, runCell } from "./run-cell.ts";
import { StudyData } from "./study-data.ts";

/** Milliseconds between progress messages. */
const progressInterval = 200;

const dataOf = keepLast();

serveJobs<CellJob, CellSaid, JobTimes>((job, say) => {
  let sentAt = -Infinity;
  const onProgress = (progress: JobProgress) => {
    const now = performance.now();
    if (now - sentAt < progressInterval) return;
    sentAt = now;
    say({ kind: "progress", ...progress });
  };
  return runCell(job, dataOf(job), { onProgress, onNote: (note) => say({ kind: "note", note }) });
});

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

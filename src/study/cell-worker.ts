import { ChildWorker, type JobEnd, scriptBeside } from "../processes/index.ts";
import type { CellJob, JobListeners, JobProgress, JobTimes } from "./run-cell.ts";

/** What a cell's process says while it is at it. */
export type CellSaid =
  ({ readonly kind: "progress" } & JobProgress) | { readonly kind: "note"; readonly note: string };

/** How a cell ended. */
export type CellEnd = JobEnd<JobTimes>;

/** A process that does cells one after another. */
export class CellWorker extends ChildWorker<CellJob, CellSaid, JobTimes> {
  constructor() {
    super("cell", scriptBeside("cell-process", import.meta.url));
  }

  /** Does a cell's job; whatever goes wrong is a failed cell. */
  do(job: CellJob, { onProgress, onNote }: JobListeners): Promise<CellEnd> {
    return this.run(job, (said) => (said.kind === "progress" ? onProgress(said) : onNote(said.note)));
  }
}

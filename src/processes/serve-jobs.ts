import { AlignregError } from "../tensor/index.ts";

/** What went wrong with a job. */
export interface Failure {
  readonly kind: "failed";
  /** Thrown on purpose: its message says all. */
  readonly isOnPurpose: boolean;
  /** Of the error's class. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** What a process tells the one that started it. */
export type ChildMessage<Said, Result> =
  | { readonly kind: "said"; readonly said: Said }
  | { readonly kind: "done"; readonly result: Result }
  | Failure;

/**
 * Does the jobs that a `ChildWorker` sends this process, one after another; nothing where it was started otherwise. A crash here,
 * of whatever kind, is one failed job there.
 *
 * @param work  `say` sends word while the job goes on
 */
export function serveJobs<Job, Said, Result>(
  work: (job: Job, say: (said: Said) => void) => Promise<Result>,
): void {
  if (!process.send) return;
  // Without who started it nobody would know of this process: it must not get into the next run's way.
  process.on("disconnect", () => process.exit(0));
  // An interrupt, and the end of a terminal, reach the whole group; who started it decides what they mean.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
  const tell = (message: ChildMessage<Said, Result>) => void process.send!(message);
  const serve = async (job: Job): Promise<void> => {
    try {
      tell({ kind: "done", result: await work(job, (said) => tell({ kind: "said", said })) });
    } catch (error) {
      const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
      const isOnPurpose = error instanceof AlignregError;
      // Ends only when the other side has it: a message under way is lost with its process.
      process.send!({ kind: "failed", isOnPurpose, name, message, stack } satisfies Failure, () =>
        process.exit(1),
      );
    }
  };
  process.on("message", (job: Job) => void serve(job));
}

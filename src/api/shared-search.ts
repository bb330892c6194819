/** A search of a range that several processes share, each with a session of its own: small networks keep one core busy, not all. */
import { availableParallelism } from "node:os";
import { type TransformFamily, specOf } from "../augment/index.ts";
import type { FoundByImage, SharedSearch } from "../evaluate/index.ts";
import { checkLimit } from "../options/index.ts";
import { ChildWorker, type Failure, scriptBeside } from "../processes/index.ts";
import { RuntimeError } from "../runtime/index.ts";
import { AlignregError, UsageError } from "../tensor/index.ts";
import type { OpenedTestable } from "./open-testable.ts";
import type { SearchJob, SearchSaid, SearchSetup } from "./search-process.ts";

export interface OpenSharedSearch extends SharedSearch {
  /** Ends the processes, whatever they are at; so does the signal. */
  readonly release: () => Promise<void>;
}

type Worker = ChildWorker<SearchJob, SearchSaid, FoundByImage>;

/**
 * @param jobs  processes
 * @throws UsageError for a model or a family that is code of this process
 */
export function openSharedSearch(
  { runnable, title }: OpenedTestable,
  family: TransformFamily,
  points: SearchSetup["points"],
  {
    jobs,
    batchSize,
    threads = 0,
    signal,
  }: {
    readonly jobs: number;
    readonly batchSize: number;
    readonly threads?: number;
    readonly signal?: AbortSignal;
  },
): OpenSharedSearch {
  checkLimit("jobs", jobs, "The search");
  const alone = "Leave jobs out (--jobs)";
  if (!runnable)
    throw new UsageError(
      `jobs are processes of their own, which ${title.toLowerCase()} cannot be sent to. ${alone}.`,
    );
  const spec = specOf(family);
  if (!spec) {
    throw new UsageError(
      `jobs are processes of their own, and "${family.name}" is made by functions of this one. ${alone}, or name a family that a ` +
        `specification makes.`,
    );
  }
  const setup: SearchSetup = {
    runnable: {
      ...runnable,
      session: {
        ...runnable.session,
        embedding: undefined,
        threads: threads || Math.max(1, Math.floor(availableParallelism() / jobs)),
      },
    },
    spec,
    points,
    batchSize,
  };
  const workers: Worker[] = [];
  const script = scriptBeside("search-process", import.meta.url);
  let isOver = false;
  const endAll = () => {
    isOver = true;
    return Promise.all(workers.map((worker) => worker.end()));
  };
  const stop = () => void endAll();
  signal?.addEventListener("abort", stop);
  return {
    jobs,
    stop,
    async search(block, onProgress) {
      signal?.throwIfAborted();
      // A process that began now would be nobody's.
      if (isOver) throw new RuntimeError("The search has ended.");
      let worker = workers.find(({ isIdle }) => isIdle);
      const isNew = worker === undefined;
      if (!worker) workers.push((worker = new ChildWorker("search", script)));
      const end = await worker.run({ block, ...(isNew && { setup }) }, onProgress);
      signal?.throwIfAborted();
      if (end.kind === "failed") throw errorOf(end);
      return end.result;
    },
    async release() {
      signal?.removeEventListener("abort", stop);
      await endAll();
    },
  };
}

/** What a process said on purpose, as it would have been said here; of others what is known of their end. */
function errorOf({ isOnPurpose, name, message, stack }: Failure): AlignregError {
  if (isOnPurpose) return Object.assign(new AlignregError(message), { name });
  return new RuntimeError(
    `${message} Where memory is short, ask for fewer processes at once (jobs, --jobs).${stack && ` It said: ${stack}`}`,
  );
}

import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChildMessage, Failure } from "./serve-jobs.ts";

/** How a job ended: well, or with what its process or its system said. */
export type JobEnd<Result> = { readonly kind: "done"; readonly result: Result } | Failure;

interface CurrentJob<Said, Result> {
  readonly onSaid: (said: Said) => void;
  readonly resolve: (end: JobEnd<Result>) => void;
  readonly reject: (error: unknown) => void;
  /** What the process said before it ended. */
  failure: Failure | null;
}

/** Characters of a process's last words that are kept. */
const keptWords = 4000;

/**
 * A process that does jobs one after another, which saves all but the first its start of a second or two. It ends
 * with the first that fails, so no job sees what a failed one left behind. The other side is `serveJobs`.
 */
export class ChildWorker<Job, Said, Result> {
  readonly #what: string;
  readonly #child: ChildProcess;
  #current: CurrentJob<Said, Result> | null = null;
  #words = "";
  #isStopped = false;
  #isOver = false;
  readonly #over: Promise<void>;
  #tellOver = (): void => undefined;

  /**
   * @param what    what messages call the process, as in "The cell's process"
   * @param script  the other side's, from {@link scriptBeside}
   */
  constructor(what: string, script: string) {
    this.#what = what;
    this.#over = new Promise((resolve) => (this.#tellOver = resolve));
    // Images travel as bytes, not as text.
    this.#child = fork(script, { stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced" });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-keptWords);
    });
    this.#child.on("message", (message: ChildMessage<Said, Result>) => this.#take(message));
    this.#child.on("error", (error) => {
      if (this.#current) this.#current.failure ??= failed(`The process failed: ${error.message}.`);
      // One that never started does not close either.
      if (this.#child.pid === undefined) this.#close("it did not start");
    });
    this.#child.on("close", (code, signal) => this.#close(signal ? `by ${signal}` : `with code ${code}`));
    // One that was let end, from this side, exits and does not close.
    this.#child.on("exit", () => this.#isStopped && this.#close("as it was told to"));
  }

  /** True when it can be given a job. */
  get isIdle(): boolean {
    return this.#current === null && !this.#isStopped && !this.#isOver && this.#child.connected;
  }

  /**
   * Does a job. Whatever goes wrong there is a failure; what `onSaid` throws is thrown, and ends the process, and so is what is said of a
   * job that cannot be sent.
   */
  run(job: Job, onSaid: (said: Said) => void): Promise<JobEnd<Result>> {
    return new Promise((resolve, reject) => {
      this.#words = "";
      // When the process is just ending, its close tells.
      this.#child.send(job as object, () => undefined);
      this.#current = { onSaid, resolve, reject, failure: null };
    });
  }

  /** Lets an idle process end. */
  stop(): void {
    this.#isStopped = true;
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Ends the process, whatever it is at, as a kill may at any moment; resolves when it is gone. */
  async end(): Promise<void> {
    if (!this.#isOver) this.#child.kill();
    await this.#over;
  }

  #take(message: ChildMessage<Said, Result>): void {
    const current = this.#current;
    if (current === null) return;
    if (message.kind === "said") this.#hear(current, message.said);
    // The process ends now; until it has, what it works on is not free.
    else if (message.kind === "failed") current.failure = message;
    else {
      this.#current = null;
      current.resolve(message);
    }
  }

  #hear({ onSaid, reject }: CurrentJob<Said, Result>, said: Said): void {
    try {
      onSaid(said);
    } catch (error) {
      this.#current = null;
      this.#child.kill();
      reject(error);
    }
  }

  #close(how: string): void {
    this.#isOver = true;
    this.#current?.resolve(
      this.#current.failure ?? failed(`The ${this.#what}'s process ended early, ${how}.`, this.#words),
    );
    this.#current = null;
    this.#tellOver();
  }
}

/** A script beside the module at `url`: .ts under a loader in the repository, .js in the package. */
export const scriptBeside = (name: string, url: string): string =>
  fileURLToPath(new URL(`./${name}${extname(url)}`, url));

const failed = (message: string, stack = ""): Failure => ({
  kind: "failed",
  isOnPurpose: false,
  name: "Error",
  message,
  stack,
});

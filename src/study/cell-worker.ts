import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { CellMessage } from "./cell-process.ts";
import type { CellJob, JobListeners, JobTimes } from "./run-cell.ts";

/** How a job ended: well, or with what its process or its system said. */
export type CellEnd =
  | { readonly kind: "done"; readonly times: JobTimes }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

interface CurrentJob {
  readonly listeners: JobListeners;
  readonly resolve: (end: CellEnd) => void;
  /** What the process said before it ended. */
  failure: CellEnd | null;
}

/** Characters of a process's last words that are kept. */
const keptWords = 4000;

/**
 * A process that does cells one after another, which saves all but the first its start of a second or two. It ends
 * with the first that fails, so no cell sees what a failed one left behind.
 */
export class CellWorker {
  readonly #child: ChildProcess;
  #current: CurrentJob | null = null;
  #words = "";
  #isOver = false;
  readonly #over: Promise<void>;
  #tellOver = (): void => undefined;

  constructor() {
    this.#over = new Promise((resolve) => (this.#tellOver = resolve));
    // .ts under a loader in the repository, .js in the package.
    const script = fileURLToPath(new URL(`./cell-process${extname(import.meta.url)}`, import.meta.url));
    this.#child = fork(script, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-keptWords);
    });
    this.#child.on("message", (message: CellMessage) => this.#take(message));
    this.#child.on("error", (error) => {
      if (this.#current) this.#current.failure ??= failed(`The process failed: ${error.message}.`);
      // One that never started does not close either.
      if (this.#child.pid === undefined) this.#close("it did not start");
    });
    this.#child.on("close", (code, signal) => this.#close(signal ? `by ${signal}` : `with code ${code}`));
  }

  /** True when it can be given a job. */
  get isIdle(): boolean {
    return this.#current === null && !this.#isOver && this.#child.connected;
  }

  /** Does a job. Never rejects: whatever goes wrong there is a failed cell. */
  run(job: CellJob, listeners: JobListeners): Promise<CellEnd> {
    return new Promise((resolve) => {
      this.#words = "";
      this.#current = { listeners, resolve, failure: null };
      // When the process is just ending, its close tells.
      this.#child.send(job, () => undefined);
    });
  }

  /** Lets an idle process end. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Ends the process, whatever it is at, as a kill may at any moment; resolves when it is gone. */
  async end(): Promise<void> {
    if (!this.#isOver) this.#child.kill();
    await this.#over;
  }

  #take(message: CellMessage): void {
    const current = this.#current;
    if (current === null) return;
    if (message.kind === "progress") current.listeners.onProgress(message);
    else if (message.kind === "note") current.listeners.onNote(message.note);
    // The process ends now; until it has, its cell's folder is not free.
    else if (message.kind === "failed") current.failure = message;
    else {
      this.#current = null;
      current.resolve(message);
    }
  }

  #close(how: string): void {
    this.#isOver = true;
    this.#current?.resolve(
      this.#current.failure ?? failed(`The cell's process ended early, ${how}.`, this.#words),
    );
    this.#current = null;
    this.#tellOver();
  }
}

const failed = (message: string, stack = ""): CellEnd => ({ kind: "failed", message, stack });

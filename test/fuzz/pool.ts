/**
 * Child processes that run cases. What a child does not come back from (a crash of native code, a loop without end, more memory
 * than there should be) ends that child alone, and is told of the case that it was running.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "./child.ts";
import type { Case } from "./run-case.ts";
import { workplace } from "./workplace.ts";

export interface Limits {
  /** Of processor time for a case: on a busy machine a clock says little. */
  readonly seconds: number;
  readonly bytes: number;
}

export interface Outcome extends Report {
  /** Processor time of the whole child, all its threads. */
  readonly seconds: number;
}

/** Cases until a child is replaced: what one leaves behind must not be blamed on the next. */
const LIFETIME = 1000;

/** How often a child is looked at, in ms. */
const INTERVAL = 100;

/** Linux counts a process's time in these a second. */
const TICKS = 100;

/** Children that run: none outlives this process where that can be helped, nor do their folders. */
const running = new Set<Child>();
process.on("exit", () => running.forEach((child) => child.end()));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

export class Child {
  readonly #limits: Limits;
  /** Of this child's cases, as long as it lives: one that is killed cannot clear it away. */
  #folder: string | null = null;
  #process: ChildProcess | null = null;
  #ready: Promise<void> = Promise.resolve();
  #cases = 0;
  #stderr = "";

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  async run(one: Case): Promise<Outcome> {
    if (this.#cases++ % LIFETIME === 0) this.end();
    const child = this.#started();
    await this.#ready;
    const begin = seconds(child);
    const clock = performance.now();
    return new Promise((resolve) => {
      let reason: string | null = null;
      const used = () => (seconds(child) ?? (performance.now() - clock) / 1000) - (begin ?? 0);
      let last = { seconds: 0, peak: 0 };
      const watch = setInterval(() => {
        const now = { seconds: used(), peak: Math.max(last.peak, memory(child)) };
        if (Number.isFinite(now.seconds)) last = now;
        const isWaiting = performance.now() - clock > 6000 * this.#limits.seconds;
        if (now.seconds > this.#limits.seconds || isWaiting) {
          reason = `it took more than ${this.#limits.seconds} s${isWaiting ? ", waiting" : ""}`;
        } else if (now.peak > this.#limits.bytes) reason = `it took ${megabytes(now.peak)} MB and more`;
        if (reason !== null) child.kill("SIGKILL");
      }, INTERVAL);
      const finish = (outcome: Outcome) => {
        clearInterval(watch);
        child.removeAllListeners("message");
        child.removeAllListeners("exit");
        resolve(outcome);
      };
      child.once("message", (report: Report) => {
        const failure =
          report.failure ??
          (report.peak > this.#limits.bytes ? `it took ${megabytes(report.peak)} MB` : null);
        finish({ ...report, failure, seconds: used() });
      });
      child.once("exit", (code, signal) => {
        this.#process = null;
        this.#clear();
        const failure = reason ?? `the process ended (${signal ?? code}): ${this.#stderr.slice(-1500)}`;
        finish({ walk: {}, failure, ...last });
      });
      child.send(one);
    });
  }

  /** Ends the process; a later case starts another one. */
  end(): void {
    this.#process?.removeAllListeners();
    this.#process?.kill("SIGKILL");
    this.#process = null;
    this.#clear();
  }

  #clear(): void {
    running.delete(this);
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #started(): ChildProcess {
    if (this.#process) return this.#process;
    this.#stderr = "";
    this.#folder = mkdtempSync(join(workplace, "alignreg-fuzz-"));
    running.add(this);
    const child = fork(join(import.meta.dirname, "child.ts"), [this.#folder], {
      execArgv: ["--import", "tsx", "--max-old-space-size=1400"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // What a case puts aside goes with the folder.
      env: { ...process.env, TMPDIR: this.#folder },
    });
    child.stderr!.on("data", (chunk: Buffer) => (this.#stderr = (this.#stderr + String(chunk)).slice(-4000)));
    this.#ready = new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", () => reject(new Error(`A child process does not start: ${this.#stderr}`)));
    }).then(() => void child.removeAllListeners("exit"));
    this.#process = child;
    return child;
  }
}

export const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Processor time of a process so far; undefined where that is not known. */
function seconds({ pid }: ChildProcess): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return undefined;
  }
}

/** Memory that a process has now, in bytes; 0 where that is not known. */
function memory({ pid }: ChildProcess): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  } catch {
    return 0;
  }
}

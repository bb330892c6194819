import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { CellMessage } from "./cell-process.ts";
import type { CellJob, JobProgress, JobTimes } from "./run-cell.ts";

/** How a cell's process ended: well, or with what it or its system said. */
export type CellEnd =
  | { readonly kind: "done"; readonly times: JobTimes }
  | { readonly kind: "failed"; readonly message: string; readonly stack: string };

/** Characters of a process's last words that are kept. */
const keptWords = 4000;

/** Does a job in a process of its own. Never rejects: whatever goes wrong there is a failed cell. */
export function forkCell(job: CellJob, onProgress: (progress: JobProgress) => void): Promise<CellEnd> {
  // .ts under a loader in the repository, .js in the package.
  const script = fileURLToPath(new URL(`./cell-process${extname(import.meta.url)}`, import.meta.url));
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = fork(script, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    } catch (error) {
      resolve(failed(`The process could not be started: ${(error as Error).message}.`));
      return;
    }
    let end: CellEnd | null = null;
    let words = "";
    child.stderr!.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-keptWords)));
    child.on("message", (message: CellMessage) => {
      if (message.kind === "progress") onProgress(message);
      else end = message;
    });
    child.on("error", (error) => {
      end ??= failed(`The process could not be reached: ${error.message}.`);
      // One that never started does not close either.
      if (child.pid === undefined) resolve(end);
    });
    child.on("close", (code, signal) => {
      resolve(
        end ?? failed(`The process ended early, ${signal ? `by ${signal}` : `with code ${code}`}.`, words),
      );
    });
    child.send(job);
  });
}

const failed = (message: string, stack = ""): CellEnd => ({ kind: "failed", message, stack });

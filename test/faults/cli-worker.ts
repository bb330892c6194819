import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CliEnd } from "./cli-worker-process.ts";

/** The command line in a process of its own, one command after another without the seconds of a start. */
export class CliWorker {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL("./cli-worker-process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

  run(args: readonly string[]): Promise<CliEnd> {
    return new Promise((resolve) => {
      this.#child.once("message", (end: CliEnd) => resolve(end));
      this.#child.send(args);
    });
  }

  end(): void {
    this.#child.kill();
  }
}

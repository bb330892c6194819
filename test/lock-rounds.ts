import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { StartOrder, StartResult } from "./lock-starter.ts";

/** Processes that try to take a lock at once, round after round. */
export class Starters {
  readonly #children: ChildProcess[];

  constructor(count: number) {
    this.#children = Array.from({ length: count }, startOne);
  }

  /**
   * Lets all of them try at the same moment.
   *
   * @param dies  whether those that get in end by SIGKILL, and are replaced
   */
  async round(path: string, { holdMs = 30, dies = false } = {}): Promise<StartResult[]> {
    const order: StartOrder = { path, at: Date.now() + 30, holdMs, dies };
    return Promise.all(
      this.#children.map(async (child, i) => {
        const result = await answerOf(child, order);
        if (result !== null) return result;
        this.#children[i] = startOne();
        return { outcome: "in", message: "killed" };
      }),
    );
  }

  end(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}

/** Null when the process ended. */
const answerOf = (child: ChildProcess, order: StartOrder): Promise<StartResult | null> =>
  new Promise((resolve) => {
    const onMessage = (result: StartResult) => answer(result);
    const onExit = () => answer(null);
    const answer = (result: StartResult | null) => {
      child.off("message", onMessage).off("exit", onExit);
      resolve(result);
    };
    child.on("message", onMessage).on("exit", onExit);
    child.send(order);
  });

const startOne = (): ChildProcess =>
  fork(fileURLToPath(new URL("./lock-starter.ts", import.meta.url)), { execArgv: ["--import", "tsx"] });

/** Leaves the lock of a process that is gone. */
export const leaveDeadLock = (path: string): void => {
  if (existsSync(path)) throw new Error(`${path} is there.`);
  writeFileSync(path, "4194304\n");
};

/** The lock's files that are there. */
export const lockFiles = (path: string): string[] =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));

/**
 * A process that takes a lock whenever it is told to: at a moment that all starters are given, so that they come at once.
 * Whoever is in makes a file that must not be there; who finds it there is not alone.
 */
import { closeSync, openSync, rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { LockedError, takeLock } from "../src/artifacts/index.ts";

export interface StartOrder {
  readonly path: string;
  /** When to try, in milliseconds since 1970. */
  readonly at: number;
  /** How long to hold it. */
  readonly holdMs: number;
  /** Whether to end by SIGKILL while holding it. */
  readonly dies?: boolean;
}

export interface StartResult {
  readonly outcome: "in" | "out" | "not alone" | "failed";
  readonly message: string;
}

if (process.send) {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (order: StartOrder) => void start(order).then((result) => process.send!(result)));
}

async function start({ path, at, holdMs, dies = false }: StartOrder): Promise<StartResult> {
  while (Date.now() < at);
  try {
    const lock = await takeLock(path, "a test");
    const isAlone = enter(`${path}-inside`);
    await wait(holdMs);
    lock.check();
    if (isAlone) rmSync(`${path}-inside`);
    if (dies) process.kill(process.pid, "SIGKILL");
    lock.release();
    return { outcome: isAlone ? "in" : "not alone", message: "" };
  } catch (error) {
    return { outcome: error instanceof LockedError ? "out" : "failed", message: String(error) };
  }
}

function enter(path: string): boolean {
  try {
    closeSync(openSync(path, "wx"));
    return true;
  } catch {
    return false;
  }
}

import { setTimeout as wait } from "node:timers/promises";
import { type FoundLock, readLock } from "./lock-record.ts";
import { isNumberTakenSince, isRunning } from "./process-identity.ts";

/** How long it takes to be sure of a holder. */
export interface LockTimes {
  /** Between heartbeats. */
  readonly beatSeconds: number;
  /** After so long a silence a holder of another system is taken for dead. */
  readonly deadAfterSeconds: number;
}

export const usualTimes: LockTimes = { beatSeconds: 5, deadAfterSeconds: 180 };

/** Whether the process that a lock names lives. "silent": by its heartbeat alone, and the last is so many seconds old. */
export type Life = "living" | "dead" | { readonly silentFor: number };

/**
 * @param now  by the clock of the file system that the lock lies on, which may be another machine's; milliseconds
 */
export function lifeOf({ named, beatAt }: FoundLock, now: number): Life {
  const silence = { silentFor: (now - beatAt) / 1000 };
  if (named.kind === "number") return isNumberTakenSince(named.pid, beatAt) ? "living" : "dead";
  if (named.kind === "unknown") return silence;
  const runs = isRunning(named.record);
  return runs === null ? silence : runs ? "living" : "dead";
}

/**
 * Whether a holder that has been silent for longer than it may is silent still. A machine that was asleep, or whose clock
 * was set, looks just so for a moment: its heart is given time for two beats.
 */
export async function staysSilent(lock: FoundLock, { beatSeconds }: LockTimes): Promise<boolean> {
  // Nobody's heart beats in a file that names nobody.
  if (lock.named.kind !== "holder") return true;
  const watched = 2.5 * beatSeconds;
  for (let passed = 0; passed < watched; passed += beatSeconds / 2) {
    await wait(500 * beatSeconds);
    const again = readLock(lock.path);
    if (again?.stamp !== lock.stamp) return again === null;
  }
  return true;
}

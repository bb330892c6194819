/**
 * The lock of a folder, which one process holds: on one machine, in containers, and on folders that machines share.
 *
 * Whoever wants it makes a file of its own and looks *afterwards* who else has one. Of two that do so, at least one looks
 * when the other's file is there, so they never both hold the lock, however long either is stopped in between. A dead
 * holder's file stays until its successor holds the lock, whose file has the next number, which only one can make: a file
 * that is removed first, and made anew, is how two get in.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { claim, discard, draft } from "./claim.ts";
import { readGenerations, removeLock } from "./generations.ts";
import { HeldLock, type Lock } from "./held-lock.ts";
import { LockedError } from "./lock-error.ts";
import { type LockTimes, lifeOf, staysSilent, usualTimes } from "./lock-life.ts";
import { type FoundLock, type LockRecord, lockText } from "./lock-record.ts";
import { thisProcess } from "./process-identity.ts";
import { WriteError } from "./write-error.ts";

/** How often to try where others come and go in the same moment. */
const attempts = 100;

/**
 * Takes a lock. What a process that was killed left is taken over: at once when it ran on this system; otherwise when its
 * heart has not beaten for three minutes. A bare process number, as earlier versions wrote it, is understood.
 *
 * @param path   of the lock's file; its folder must be there
 * @param what   who wants it, for those who find it locked, as "alignreg train"
 * @throws LockedError when a living process holds it, this one too; WriteError when the folder cannot be written in
 */
export async function takeLock(path: string, what: string, times: LockTimes = usualTimes): Promise<Lock> {
  const place = resolve(path);
  const taking = { token: randomBytes(16).toString("hex"), since: new Date().toISOString() };
  const record: LockRecord = { alignregLock: 1, what, ...thisProcess(), ...taking };
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const mine = await tryToTake(place, record, times);
    if (mine !== null) return new HeldLock(place, mine, record, times);
    await wait(5 + 40 * Math.random());
  }
  throw new LockedError(place, { kind: "unknown" }, null, times.deadAfterSeconds);
}

/** The path of the file that is now this process's; null when another came in between. */
async function tryToTake(place: string, record: LockRecord, times: LockTimes): Promise<string | null> {
  try {
    const ours = draft(place, lockText(record));
    try {
      const { locks, next } = readGenerations(place);
      for (const lock of locks) await checkDead(place, lock, ours.writtenAt, times);
      if (!claim(next, ours)) return null;
      const others = readGenerations(place).locks.filter(({ path }) => path !== next);
      if (others.some(({ stamp }) => !locks.some((dead) => dead.stamp === stamp))) {
        rmSync(next, { force: true });
        return null;
      }
      others.forEach(removeLock);
      return next;
    } finally {
      discard(ours);
    }
  } catch (error) {
    if (error instanceof LockedError) throw error;
    throw new WriteError(place, error);
  }
}

/** @throws LockedError unless the lock's holder is gone */
async function checkDead(place: string, lock: FoundLock, now: number, times: LockTimes): Promise<void> {
  const life = lifeOf(lock, now);
  if (life === "dead") return;
  const { deadAfterSeconds: limit } = times;
  if (life === "living") throw new LockedError(place, lock.named, null, limit);
  if (life.silentFor > limit && (await staysSilent(lock, times))) return;
  throw new LockedError(place, lock.named, Math.min(life.silentFor, limit), limit);
}

import { readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { type Lock, makeFolder, removeLeftovers, takeLock } from "../artifacts/index.ts";
import { exitOnSignals } from "./signals.ts";

/**
 * Does a job in a folder that this process alone may write in. The folder is made, and cleared of what killed processes
 * left half-written; it goes again when the job has put nothing into a new one.
 *
 * @param what  the command, for those who find the folder locked
 * @throws LockedError when another process is at work in it
 */
export async function inLockedFolder(
  folder: string,
  what: string,
  job: (lock: Lock) => Promise<void>,
): Promise<void> {
  const isNew = makeFolder(folder);
  const stopListening = exitOnSignals();
  let lock: Lock | null = null;
  try {
    lock = await takeLock(join(folder, "lock"), what);
    removeLeftovers(folder);
    await job(lock);
  } finally {
    lock?.release();
    stopListening();
    if (isNew) removeIfEmpty(folder);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  } catch {
    // Another has put something in, or removed it.
  }
}

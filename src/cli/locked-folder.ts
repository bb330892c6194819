import { join } from "node:path";
import { type Lock, makeFolder, removeEmpty, removeLeftovers, takeLock } from "../artifacts/index.ts";
import { exitOnSignals } from "./signals.ts";

/**
 * Does a job in a folder that this process alone may write in. The folder is made, and cleared of what killed processes
 * left half-written; it goes again, with those above it that were made for it, when the job has put nothing into a new one.
 *
 * @param what  the command, for those who find the folder locked
 * @throws LockedError when another process is at work in it
 */
export async function inLockedFolder(
  folder: string,
  what: string,
  job: (lock: Lock) => Promise<void>,
): Promise<void> {
  const made = makeFolder(folder);
  const stopListening = exitOnSignals();
  let lock: Lock | null = null;
  try {
    lock = await takeLock(join(folder, "lock"), what);
    removeLeftovers(folder);
    await job(lock);
  } finally {
    lock?.release();
    stopListening();
    removeEmpty(made);
  }
}

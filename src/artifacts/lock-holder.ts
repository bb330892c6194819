import { readGenerations } from "./generations.ts";
import { usualTimes, lifeOf } from "./lock-life.ts";
import type { FoundLock, Named } from "./lock-record.ts";

/**
 * Who holds a lock, for those who only look; null when nobody does. Of a holder on another system, its heartbeat and this
 * system's clock tell.
 */
export function lockHolder(path: string): Named | null {
  const { locks } = generationsAt(path);
  const living = locks.find((lock) => {
    const life = lifeOf(lock, Date.now());
    return life === "living" || (life !== "dead" && life.silentFor <= usualTimes.deadAfterSeconds);
  });
  return living?.named ?? null;
}

function generationsAt(path: string): { readonly locks: readonly FoundLock[] } {
  try {
    return readGenerations(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return { locks: [] };
    throw error;
  }
}

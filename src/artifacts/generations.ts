/**
 * The files of a lock: `lock`, and after it has been taken over from a dead holder `lock.1`, then `lock.2`. Each name is
 * given once, to whoever makes the file first.
 */
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type FoundLock, readLock } from "./lock-record.ts";

/** The names of a lock's files that are there, as numbers; 0 is the lock's own. */
function numbersOf(path: string): number[] {
  const own = basename(path);
  return readdirSync(dirname(path)).flatMap((name) => {
    if (name === own) return [0];
    const number = name.startsWith(`${own}.`) ? name.slice(own.length + 1) : "";
    return /^[1-9]\d{0,8}$/.test(number) ? [Number(number)] : [];
  });
}

const pathOf = (path: string, number: number): string => (number === 0 ? path : `${path}.${number}`);

/** The files of a lock at a moment. */
export interface Generations {
  /** Those that are ours. Others' with such names count for nothing, and stay. */
  readonly locks: readonly FoundLock[];
  /** The path of the generation after all that are there. */
  readonly next: string;
}

export function readGenerations(path: string): Generations {
  const numbers = numbersOf(path);
  return {
    locks: numbers.flatMap((number) => readLock(pathOf(path, number)) ?? []),
    next: pathOf(path, Math.max(-1, ...numbers) + 1),
  };
}

/** Removes a lock's file, unless it has come to be another's. */
export function removeLock({ path, stamp }: FoundLock): void {
  if (readLock(path)?.stamp === stamp) rmSync(path, { force: true });
}

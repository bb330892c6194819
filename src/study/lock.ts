import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { UsageError } from "../tensor/index.ts";

/** A study that another process is running. */
export class StudyLockedError extends UsageError {
  constructor(
    readonly path: string,
    readonly pid: number,
  ) {
    super(
      `Process ${pid} is running the study in this folder already. Wait for it, or end it; ` +
        `if that process is no study, delete ${path}.`,
    );
  }
}

/**
 * Takes the lock of a folder: a file with the number of this process. One left by a process that was killed is
 * taken over.
 *
 * @returns what gives it back
 * @throws StudyLockedError when a living process holds it
 */
export function takeLock(path: string): () => void {
  for (;;) {
    try {
      const file = openSync(path, "wx");
      writeSync(file, `${process.pid}\n`);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = lockHolder(path);
    if (holder !== null) throw new StudyLockedError(path, holder);
    rmSync(path, { force: true });
  }
}

/** The living process that holds the lock; null when there is none. */
export function lockHolder(path: string): number | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : null;
  }
}

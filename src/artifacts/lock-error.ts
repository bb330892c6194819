import { dirname } from "node:path";
import { UsageError } from "../tensor/index.ts";
import type { LockRecord, Named } from "./lock-record.ts";

/** A folder in which another process is at work. */
export class LockedError extends UsageError {
  /** Who holds the lock; null where its file does not say. */
  readonly holder: (Pick<LockRecord, "pid"> & Partial<LockRecord>) | null;

  /**
   * @param silence  seconds since the last sign of life, where that alone tells whether the holder lives; null where it is
   *                 sure that it does
   * @param limit    seconds of silence after which a holder is taken for dead
   */
  constructor(
    readonly path: string,
    named: Named,
    silence: number | null,
    limit: number,
  ) {
    const holder =
      named.kind === "holder" ? named.record : named.kind === "number" ? { pid: named.pid } : null;
    const advice =
      silence === null
        ? `Wait for it, or end it.`
        : `Whether it still runs cannot be asked from here; its last sign of life is ${seconds(silence)} old. Wait for it, ` +
          `or end it there; once it has been silent for ${seconds(limit)} the folder is free. ` +
          `When you are sure that nobody is at work there, delete ${path}.`;
    super(`${dirname(path)} is in use: ${holderText(named)}. ${advice}`);
    this.holder = holder;
  }
}

/** A lock that this process held and that another has taken, or that is gone with its folder. */
export class LockLostError extends UsageError {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(
      `${dirname(path)} is no longer this process's to write in: ${reason}. It has stopped; what it wrote is whole. ` +
        `Start it again when nobody else is at work there.`,
    );
  }
}

/** Who a lock names, in words. */
export function holderText(named: Named): string {
  if (named.kind === "unknown") return "its lock is taken, and does not say by whom";
  if (named.kind === "number") return `process ${named.pid} is at work in it`;
  const { pid, host, what, since } = named.record;
  return `${what}, process ${pid} on ${host}, has been at work in it since ${since}`;
}

const seconds = (value: number): string =>
  value < 120 ? `${Math.max(0, Math.round(value))} s` : `${Math.round(value / 60)} min`;

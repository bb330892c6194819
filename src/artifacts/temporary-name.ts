/**
 * The names of files that are being written. Nobody else makes names like these, so what bears one may be removed once
 * its writer is gone. They do not grow with the name of the file that is written, which may be as long as names can be.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who writes: where, as a hash, and which process there. */
export interface Writer {
  readonly host: string;
  readonly pid: number;
}

const pattern = /^\.alignreg-([0-9a-f]{8})-([1-9]\d{0,9})-[0-9a-f]{16}\.tmp$/;

/** A name that no other file has. */
export const temporaryName = (): string =>
  `.alignreg-${thisHost()}-${process.pid}-${randomBytes(8).toString("hex")}.tmp`;

/** Who made the temporary file of that name; null where the name is not of our making. */
export function writerOf(name: string): Writer | null {
  const match = pattern.exec(name);
  return match && { host: match[1], pid: Number(match[2]) };
}

/**
 * True when the writer is sure to be gone: a process of this very system that does not run. Of another system, nothing
 * can be said.
 */
export function isGone({ host, pid }: Writer): boolean {
  if (host !== thisHost()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

let host: string | null = null;

/** Within which process numbers mean the same: a container has its own, and so has the system after each start. */
function thisHost(): string {
  const boot = () => said(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const container = () => said(() => readlinkSync("/proc/self/ns/pid"));
  host ??= createHash("sha256").update(`${hostname()}\n${boot()}\n${container()}`).digest("hex").slice(0, 8);
  return host;
}

/** Empty on systems that do not say. */
function said(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/**
 * Which process a number means. Numbers are given again: after a restart of the system, in another container, and when
 * enough processes have come and gone. So a process is known by its number, its start, and the system that counts so.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process as a file names it, for readers on this system and others. */
export interface ProcessIdentity {
  readonly host: string;
  /** Differs after each start of the system; null where that is not known, as on Windows. */
  readonly boot: string | null;
  /** Containers of one system count their processes apart; null where there are none. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** When the process began, in the system's words; null where that is not known. */
  readonly start: string | null;
}

/** This process. */
export const thisProcess = (): ProcessIdentity => ({
  ...system(),
  pid: process.pid,
  start: startOf(process.pid) ?? null,
});

/** Whether that process runs; null when it cannot be known here: it is another system's, or another container's. */
export function isRunning(one: Omit<ProcessIdentity, "host">): boolean | null {
  const { boot, pidNamespace } = system();
  if (boot === null || one.boot !== boot || one.pidNamespace !== pidNamespace) return null;
  const start = startOf(one.pid);
  // Hidden from us (hidepid), or just not there: the signal tells.
  if (start === null || one.start === null) return isNumberTaken(one.pid) ? null : false;
  return start === one.start;
}

/**
 * Whether a process number of this system is in use by a process that ran at a moment already, in milliseconds since 1970.
 * For files that hold nothing but the number.
 */
export function isNumberTakenSince(pid: number, moment: number): boolean {
  if (!isNumberTaken(pid) || pid === process.pid) return false;
  if (startOf(pid) === "ended") return false;
  const startedAt = startTime(pid);
  // Clocks are set now and then, and files' times are rounded.
  return startedAt === null || startedAt < moment + 2000;
}

function isNumberTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

type System = Omit<ProcessIdentity, "pid" | "start">;

let known: System | null = null;

function system(): System {
  known ??= { host: hostname(), ...(systems[process.platform] ?? unknownSystem)() };
  return known;
}

const unknownSystem = () => ({ boot: null, pidNamespace: null });

const systems: Partial<Record<NodeJS.Platform, () => Omit<System, "host">>> = {
  linux: () =>
    // Where /proc counts otherwise than we do, nothing in it is about our numbers.
    said(() => readlinkSync("/proc/self")) === String(process.pid)
      ? {
          boot: said(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
          pidNamespace: said(() => readlinkSync("/proc/self/ns/pid")),
        }
      : unknownSystem(),
  darwin: () => ({ boot: run("sysctl", "-n", "kern.bootsessionuuid"), pidNamespace: null }),
};

/** When a process began: null when it cannot be known; "ended" for one that its parent has only not buried yet. */
function startOf(pid: number): string | null {
  if (process.platform === "darwin") return run("ps", "-o", "lstart=", "-p", String(pid));
  const fields = statFields(pid);
  if (fields === null) return null;
  return ["Z", "X"].includes(fields[0]) ? "ended" : fields[19];
}

/** What /proc/PID/stat says from its third field on: the second, the name, may hold anything. */
function statFields(pid: number): string[] | null {
  const text = said(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** When a process began, in milliseconds since 1970; null when it cannot be known. */
function startTime(pid: number): number | null {
  if (process.platform === "darwin") {
    const started = Date.parse(startOf(pid) ?? "");
    return Number.isNaN(started) ? null : started;
  }
  const ticks = Number(statFields(pid)?.[19]);
  const bootTime = /^btime (\d+)$/m.exec(said(() => readFileSync("/proc/stat", "utf8")) ?? "")?.[1];
  // A tick is a hundredth of a second wherever Node runs (USER_HZ).
  return Number.isNaN(ticks) || bootTime === undefined ? null : 1000 * Number(bootTime) + 10 * ticks;
}

/** Null on systems that do not say. */
function said(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const run = (command: string, ...args: string[]): string | null =>
  said(() =>
    execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, LC_ALL: "C" },
    }).trim(),
  ) || null;

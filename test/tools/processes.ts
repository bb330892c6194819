/** Which processes run: from /proc, as a new Debian has no `ps` or `pgrep`; from `ps` where there is no /proc. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";

interface Running {
  readonly pid: number;
  readonly parent: number;
  /** Empty of one that has ended and nobody has asked how. */
  readonly commandLine: string;
}

/** Processes whose command line has `part` in it. */
export const processesWith = (part: string): Running[] =>
  running().filter(({ commandLine }) => commandLine.includes(part));

/** Numbers of those that `parent` started. */
export const childProcesses = (parent: number, part: string): number[] =>
  processesWith(part)
    .filter((child) => child.parent === parent)
    .map(({ pid }) => pid);

/** Why nobody can tell; null where one can. */
export const noProcesses =
  existsSync("/proc/self/stat") || psWorks() ? null : "no list of processes: neither /proc nor ps is there";

function running(): Running[] {
  if (!existsSync("/proc/self/stat")) return fromPs();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => fromProc(Number(name)) ?? []);
}

function fromProc(pid: number): Running | null {
  try {
    // The name in parentheses may itself have spaces and parentheses.
    const [, parent] = /.*\) . (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    return { pid, parent: Number(parent), commandLine: readFileSync(`/proc/${pid}/cmdline`, "utf8") };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

function fromPs(): Running[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return [...lines.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, commandLine]) => ({
    pid: Number(pid),
    parent: Number(parent),
    commandLine,
  }));
}

function psWorks(): boolean {
  try {
    return fromPs().some(({ pid }) => pid === process.pid);
  } catch {
    return false;
  }
}

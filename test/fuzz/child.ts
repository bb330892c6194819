/** A process that runs one case after another for the pool, and says how each ended and how much memory it took. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Case, type Ending, described, runCase } from "./run-case.ts";

export interface Report extends Ending {
  /** Most memory that the process had while the case ran, in bytes. */
  readonly peak: number;
}

// The parent makes it and clears it away, unless it is gone before us.
const folder = process.argv[2];
process.on("disconnect", () => {
  process.chdir("/");
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});

// What the product says is not of interest here, and a case of thousands of lines would drown the rest.
console.warn = console.log = console.error = () => undefined;

let stray: string | null = null;
process.on("unhandledRejection", (error) => (stray = `unhandled rejection: ${described(error)}`));
process.on("uncaughtException", (error) => (stray = `uncaught: ${described(error)}`));

process.on("message", (message: Case) => {
  stray = null;
  forgetPeak();
  void runCase(message, join(folder, "case")).then(({ walk, failure }) => {
    const report: Report = { walk, failure: failure ?? stray, peak: peak() };
    process.send!(report);
  });
});
process.send!("ready");

/** Linux counts a process's peak anew when it is told to. */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere the peak is that of all cases so far.
  }
}

function peak(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    return 1024 * Number(kilobytes);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

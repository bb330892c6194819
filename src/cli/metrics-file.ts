import { appendFileSync, readFileSync, rmSync, truncateSync } from "node:fs";
import type { MetricsLine } from "../train/index.ts";

/** `metrics.jsonl`: one line of JSON for each {@link MetricsLine}. Lines are written at once, whatever comes next. */
export class MetricsFile {
  constructor(readonly path: string) {}

  /**
   * Cuts the file back to what belongs to the first `step` steps; what comes after, perhaps half a line, was written
   * by a process that ended before its next checkpoint. A file that then holds nothing is removed.
   */
  cutBackTo(step: number): void {
    const content = this.#read();
    let length = 0;
    for (const line of content.split(/(?<=\n)/)) {
      if (!line.endsWith("\n") || (parsed(line)?.step ?? Infinity) > step) break;
      length += Buffer.byteLength(line);
    }
    if (step === 0 || length === 0) rmSync(this.path, { force: true });
    else truncateSync(this.path, length);
  }

  append(line: MetricsLine): void {
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }

  /** The last epoch's line, if there is one. */
  lastEpoch(): MetricsLine | null | undefined {
    return this.#read()
      .split("\n")
      .map(parsed)
      .findLast((line) => line?.kind === "epoch");
  }

  #read(): string {
    try {
      return readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
  }
}

/** Null for what is no line of ours: half of one, or another program's. */
function parsed(line: string): MetricsLine | null {
  try {
    return JSON.parse(line) as MetricsLine;
  } catch {
    return null;
  }
}

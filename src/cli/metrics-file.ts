import { rmSync } from "node:fs";
import { appendLine, readTextOfOurs, writeWhole } from "../artifacts/index.ts";
import { type MetricsLine, metricsLineSchema } from "../train/index.ts";

/**
 * `metrics.jsonl`: one line of JSON for each {@link MetricsLine}. Lines are written as they come, for those who follow a
 * run; the run's own history, which its checkpoints hold, decides what the file says in the end.
 */
export class MetricsFile {
  constructor(readonly path: string) {}

  /**
   * Begins with the lines of the run so far, whatever the file holds: it may have been cut, edited or deleted, and a process
   * that was killed has written lines that come again. Without lines there is no file.
   *
   * @throws WriteError
   */
  async write(history: readonly MetricsLine[]): Promise<void> {
    if (history.length === 0) rmSync(this.path, { force: true });
    else await writeWhole(this.path, textOf(history));
  }

  /** @throws WriteError */
  append(line: MetricsLine): void {
    appendLine(this.path, JSON.stringify(line));
  }

  /** The last epoch's line, if there is one. @throws DamagedFileError for what is no file */
  lastEpoch(): MetricsLine | undefined {
    const text = readTextOfOurs(this.path, "Move it away.") ?? "";
    return text
      .split("\n")
      .map(parsed)
      .findLast((line) => line?.kind === "epoch");
  }
}

export const textOf = (history: readonly MetricsLine[]): string =>
  history.map((line) => `${JSON.stringify(line)}\n`).join("");

/** Undefined for what is no line of ours: half of one, or another program's. */
function parsed(line: string): MetricsLine | undefined {
  try {
    return metricsLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

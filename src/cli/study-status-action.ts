import { StudyFolder, type StudyStatus, studyStatus } from "../study/index.ts";
import { terminalMessage } from "../text/index.ts";
import { counted, duration } from "./format.ts";
import { printJson, printResult } from "./print.ts";
import { overviewTable } from "./study-table.ts";

export interface StudyStatusFlags {
  readonly json?: true;
  readonly verbose?: true;
}

/** `alignreg study status`. */
export async function status(directory: string, { json }: StudyStatusFlags): Promise<void> {
  const found = studyStatus(new StudyFolder(directory));
  if (json) await printJson(found);
  else await printResult(statusText(found));
}

function statusText(status: StudyStatus): string {
  const { name, isRunning, rows, total, secondsLeft, running, failures, damage } = status;
  const isDone = total.done === total.total;
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  const lines = [
    `Study ${terminalMessage(name)}: ${isDone ? "done" : isRunning ? `running${left}` : "not running; study run goes on with it"}`,
    overviewTable(rows, total),
    ...running.map(({ title }) => `running  ${terminalMessage(title)}`),
    ...failures.map(
      ({ id, title, message, attempts }) =>
        `failed   ${terminalMessage(title)}, ${counted(attempts, "time")}: ` +
        `${terminalMessage(message.replace(/\s*\n\s*/g, " "))} (cells/${id}/error.json)`,
    ),
    ...damage.map((what) => `damaged  ${what}`),
  ];
  return lines.join("\n");
}

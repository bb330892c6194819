import type { Command } from "commander";
import { StudyFolder, type StudyStatus, studyStatus } from "../study/index.ts";
import { terminalMessage } from "../text/index.ts";
import { counted, duration } from "./format.ts";
import { printJson, printResult } from "./print.ts";
import { overviewTable } from "./study-table.ts";

interface Flags {
  readonly json?: true;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg study status runs/paper
  watch -n 5 alignreg study status runs/paper
  alignreg study status runs/paper --json | jq .total`;

export function addStudyStatusCommand(study: Command): void {
  study
    .command("status")
    .description("show how far a study is: done, running, failed, left")
    .argument("<dir>", "folder of the study")
    .option("--json", "print it as JSON")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(async (directory: string, { json }: Flags) => {
      const status = studyStatus(new StudyFolder(directory));
      if (json) await printJson(status);
      else await printResult(statusText(status));
    });
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

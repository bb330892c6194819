import type { Command } from "commander";
import type { StudyStatusFlags } from "./study-status-action.ts";

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
    .action(async (directory: string, flags: StudyStatusFlags) => {
      const { status } = await import("./study-status-action.ts");
      await status(directory, flags);
    });
}

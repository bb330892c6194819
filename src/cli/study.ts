import type { Command } from "commander";
import { addStudyCollectCommand } from "./study-collect.ts";
import { addStudyRunCommand } from "./study-run.ts";
import { addStudyStatusCommand } from "./study-status.ts";

export function addStudyCommand(program: Command): void {
  const command = program
    .command("study")
    .description("compare methods, regularizers and families over seeds, from one file");
  addStudyRunCommand(command);
  addStudyStatusCommand(command);
  addStudyCollectCommand(command);
}

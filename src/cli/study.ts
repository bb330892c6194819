import type { Command } from "commander";
import { addStudyRunCommand } from "./study-run.ts";

export function addStudyCommand(program: Command): void {
  const command = program
    .command("study")
    .description("compare methods, regularizers and families over seeds, from one file");
  addStudyRunCommand(command);
}

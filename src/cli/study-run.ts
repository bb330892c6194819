import type { Command } from "commander";
import { runStudyTable } from "../study/run-options.ts";
import type { StudyRunFlags } from "./study-run-action.ts";
import { tableOption } from "./table-option.ts";

const examples = `
Examples:
  alignreg study run studies/smoke.yaml --out runs/smoke
  alignreg study run studies/paper-mnist.yaml --dry-run         what it would train, without doing it
  alignreg study run studies/paper-mnist.yaml --out runs/paper --jobs 4

Stopped or killed at any moment, the same command goes on where it was. A cell that failed is
tried again. What a study file may say: docs/study.md.

A family that is a module, as ./my-family.mjs, is imported, and so run with your rights, by --dry-run too: read studies
of others, and their modules, first.`;

export function addStudyRunCommand(study: Command): void {
  study
    .command("run")
    .description("train, choose λ, test and tabulate what a study file asks for")
    .argument("<file>", "the study, in YAML")
    .option("--out <dir>", "folder of the results; needed unless --dry-run")
    .addOption(tableOption(runStudyTable.jobs))
    .addOption(tableOption(runStudyTable.retries))
    .option("--dry-run", "show what would be done")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(async (file: string, flags: StudyRunFlags) => {
      const { run } = await import("./study-run-action.ts");
      await run(file, flags);
    });
}

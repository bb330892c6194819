import { type Command, Option } from "commander";
import type { StudyCollectFlags } from "./study-collect-action.ts";
import { tableFormats } from "./study-tables.ts";

const examples = `
Examples:
  alignreg study collect runs/paper
  alignreg study collect runs/paper --format latex --out table.tex
  alignreg study collect runs/paper --baseline rwa-squaredL2
  alignreg study collect runs/paper --format json | jq '.cells[0]'

Works on unfinished studies too: what is missing is shown as missing.`;

export function addStudyCollectCommand(study: Command): void {
  study
    .command("collect")
    .description("make the tables of a study: mean ± standard deviation, differences to a baseline")
    .argument("<dir>", "folder of the study")
    .addOption(
      new Option("--format <name>", "form of the tables; json: the scores of every run")
        .choices([...Object.keys(tableFormats), "json"])
        .default("text"),
    )
    .option("--baseline <column>", "compare with this column, as vwa (default: the study's own)")
    .option("--out <file>", "write to a file instead of stdout")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(async (directory: string, flags: StudyCollectFlags) => {
      const { collect } = await import("./study-collect-action.ts");
      await collect(directory, flags);
    });
}

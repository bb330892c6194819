import { type Command, Option } from "commander";
import { StudyFolder, collectStudy, summarize } from "../study/index.ts";
import { toJson } from "../artifacts/index.ts";
import { checkFile, writeOutput } from "./output-path.ts";
import { printNote, printResult } from "./print.ts";
import { type TableFormat, tableFormats } from "./study-tables.ts";

interface Flags {
  readonly format: TableFormat | "json";
  readonly baseline?: string;
  readonly out?: string;
  readonly verbose?: true;
}

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
    .action(collect);
}

async function collect(directory: string, { format, baseline, out }: Flags): Promise<void> {
  if (out !== undefined) await checkFile(out);
  const result = collectStudy(new StudyFolder(directory), printNote);
  const text = format === "json" ? toJson(result) : tableFormats[format](summarize(result, { baseline }));
  if (out === undefined) await printResult(text);
  else await writeOutput(out, text);
}

import { Command } from "commander";
import { version } from "../api/index.ts";
import { checkLimitVariables } from "../options/index.ts";
import { addDemoCommand } from "./demo.ts";
import { addEvaluateCommand } from "./evaluate.ts";
import { exitCodeFor } from "./errors.ts";
import { addExportCommand } from "./export.ts";
import { addInspectCommand } from "./inspect.ts";
import { addPredictCommand } from "./predict.ts";
import { parserOutput, printResult } from "./print.ts";
import { addStudyCommand } from "./study.ts";
import { addTrainCommand } from "./train.ts";
import { addTransformsCommand } from "./transforms.ts";

/**
 * The whole command line; parsing it throws instead of ending the process.
 *
 * @param writeOut  gets the help, or the version, that was asked for
 */
export function buildProgram(writeOut?: (text: string) => void): Command {
  const program = new Command("alignreg")
    .description(
      "Train image classifiers that are robust and invariant to known shifts, and prove it with numbers: " +
        "alignment regularization and worst-case data augmentation on ONNX Runtime.",
    )
    .version(version)
    .exitOverride()
    .configureOutput({ ...parserOutput, ...(writeOut && { writeOut }) })
    .addHelpText("after", "\nEach command shows its options and examples: alignreg train --help");
  addDemoCommand(program);
  addTrainCommand(program);
  addEvaluateCommand(program);
  addPredictCommand(program);
  addInspectCommand(program);
  addExportCommand(program);
  addStudyCommand(program);
  addTransformsCommand(program);
  return program;
}

/** Runs one command line, without `node` and the script's name; resolves to the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const isVerbose = args.includes("--verbose");
  let help = "";
  try {
    checkLimitVariables();
    await buildProgram((text) => (help += text)).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    const code = exitCodeFor(error, { isVerbose });
    if (help === "") return code;
    return printResult(help).then(
      () => code,
      (cause: unknown) => exitCodeFor(cause, { isVerbose }),
    );
  }
}

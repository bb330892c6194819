import type { Command } from "commander";
import {
  type StudyRun,
  checkStudy,
  defaultJobs,
  readStudy,
  runStudy,
  runStudyTable,
} from "../study/index.ts";
import { AlignregError, UsageError } from "../tensor/index.ts";
import { commandLine, givenArguments, typed } from "./command-line.ts";
import { checkFolder } from "./output-path.ts";
import {
  displayStream,
  printLastWords,
  printNote,
  printResult,
  printSentence,
  printSummary,
} from "./print.ts";
import { onSignals } from "./signals.ts";
import { type StudyDisplay, plainStudyDisplay } from "./study-display.ts";
import { dryRun } from "./study-dry-run.ts";
import { liveStudyDisplay } from "./study-live-display.ts";
import { tableOption } from "./table-option.ts";

interface Flags {
  readonly out?: string;
  readonly jobs?: number;
  readonly retries: number;
  readonly dryRun?: true;
  readonly verbose?: true;
}

/** Cells of a study that have no result; the others' results are written. */
class UnfinishedStudyError extends AlignregError {}

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
    .action(run);
}

async function run(file: string, flags: Flags): Promise<void> {
  if (flags.dryRun) {
    const { placed } = await readStudy(file);
    (await checkStudy(placed)).notes.forEach(printNote);
    await printResult(dryRun(placed.study, flags.jobs ?? defaultJobs(placed.study)));
    return;
  }
  if (flags.out === undefined) throw new UsageError("Give --out, the folder of the results, or --dry-run.");
  const { placed } = await readStudy(file);
  await checkFolder(flags.out);
  const interrupt = new Interrupt();
  let display: StudyDisplay | null = null;
  try {
    const done = await runStudy(file, {
      out: flags.out,
      jobs: flags.jobs,
      retries: flags.retries,
      command: commandLine(),
      signal: interrupt.signal,
      onNote: (note) => (display ? display.note(note) : printNote(note)),
      onStart(overview) {
        const stream = displayStream();
        const open = stream.isTTY ? liveStudyDisplay : plainStudyDisplay;
        display = open(`Study ${placed.study.name}`, overview, stream);
      },
      onEvent: (event) => display?.show(event),
    });
    stopDisplay();
    finish(flags.out, done);
  } catch (error) {
    stopDisplay();
    if (interrupt.code === null) throw error;
    printLastWords(`Stopped. Go on with: ${typed(...givenArguments())}`);
    process.exit(interrupt.code);
  } finally {
    interrupt.ignore();
  }

  function stopDisplay(): void {
    display?.stop();
    display = null;
  }
}

/** Ctrl-C and its like as a signal to stop; the second time, they end the process at once. */
class Interrupt {
  readonly #controller = new AbortController();
  /** What the process is to exit with; null while nobody has stopped it. */
  code: number | null = null;
  readonly ignore = onSignals((code) => {
    this.ignore();
    this.code = code;
    this.#controller.abort();
  });

  get signal(): AbortSignal {
    return this.#controller.signal;
  }
}

function finish(path: string, { overview: { total }, files }: StudyRun): void {
  printSummary(files.get("tables.txt")!);
  printSentence(`Files in ${path}: ${[...files.keys()].join(", ")}`);
  const { failed, left } = total;
  if (failed + left > 0) {
    throw new UnfinishedStudyError(
      `${failed + left} of ${total.total} trainings and tests failed, or could not follow one that did: ` +
        `see ${typed("study", "status", path)}. The same command tries them again.`,
    );
  }
}

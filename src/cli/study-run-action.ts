import { type StudyRun, checkStudy, defaultJobs, readStudy, runStudy } from "../study/index.ts";
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

export interface StudyRunFlags {
  readonly out?: string;
  readonly jobs?: number;
  readonly retries: number;
  readonly dryRun?: true;
  readonly verbose?: true;
}

/** Cells of a study that have no result; the others' results are written. */
class UnfinishedStudyError extends AlignregError {}

/** `alignreg study run`, apart from its definition: no other command loads what studies are read and tabulated with. */
export async function run(file: string, flags: StudyRunFlags): Promise<void> {
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

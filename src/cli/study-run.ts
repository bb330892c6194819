import { readFile } from "node:fs/promises";
import os from "node:os";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { renderStudyChart } from "../report/study/index.ts";
import {
  type PlacedStudy,
  StudyFolder,
  type StudyOverview,
  StudyRunner,
  checkStudy,
  collectStudy,
  parseStudy,
  summarize,
} from "../study/index.ts";
import { AlignregError, UsageError } from "../tensor/index.ts";
import { commandLine, givenArguments, typed } from "./command-line.ts";
import { checkFolder, toJson, writeOutput } from "./output-path.ts";
import { wholeNumber } from "./parse-number.ts";
import { printNote } from "./print-note.ts";
import { plainStudyDisplay } from "./study-display.ts";
import { dryRun } from "./study-dry-run.ts";
import { liveStudyDisplay } from "./study-live-display.ts";
import { tableFormats } from "./study-tables.ts";

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
tried again. What a study file may say: docs/study.md.`;

export function addStudyRunCommand(study: Command): void {
  study
    .command("run")
    .description("train, choose λ, test and tabulate what a study file asks for")
    .argument("<file>", "the study, in YAML")
    .option("--out <dir>", "folder of the results; needed unless --dry-run")
    .option("--jobs <n>", "cells at the same time (default: cores / threads of a cell)", wholeNumber(1))
    .option("--retries <n>", "how often a failed cell is tried again at once", wholeNumber(0), 1)
    .option("--dry-run", "show what would be done")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(runStudy);
}

async function runStudy(file: string, flags: Flags): Promise<void> {
  const text = await readStudyFile(file);
  const placed: PlacedStudy = { study: parseStudy(text, file), directory: resolve(dirname(file)) };
  const jobs = flags.jobs ?? Math.max(1, Math.floor(os.availableParallelism() / placed.study.threads));
  if (flags.dryRun) {
    (await checkStudy(placed)).notes.forEach(printNote);
    console.log(dryRun(placed.study, jobs));
    return;
  }
  if (flags.out === undefined) throw new UsageError("Give --out, the folder of the results, or --dry-run.");
  await checkFolder(flags.out);
  const { contents, notes } = await checkStudy(placed);
  notes.forEach(printNote);
  const folder = new StudyFolder(flags.out);
  const release = await folder.open(placed, text);
  process.once("exit", release);
  await folder.recordContents(contents);
  const runner: StudyRunner = new StudyRunner(placed, folder, {
    jobs,
    retries: flags.retries,
    command: commandLine(),
    onEvent: (event) => display.show(event),
  });
  const open = process.stderr.isTTY ? liveStudyDisplay : plainStudyDisplay;
  const display = open(`Study ${placed.study.name}`, () => runner.overview(), process.stderr);
  const stop = (code: number) => () => {
    display.stop();
    process.stderr.write(`\nStopped. Go on with: ${typed(...givenArguments())}\n`);
    process.exit(code);
  };
  process.once("SIGINT", stop(130)).once("SIGTERM", stop(143));
  let overview: StudyOverview;
  try {
    overview = await runner.run();
  } finally {
    display.stop();
    release();
  }
  await finish(folder, overview);
}

async function finish(folder: StudyFolder, { total }: StudyOverview): Promise<void> {
  const result = collectStudy(folder);
  const summary = summarize(result);
  const files = new Map([
    ["results.json", toJson(result)],
    ["tables.txt", tableFormats.text(summary)],
    ["tables.md", tableFormats.markdown(summary)],
  ]);
  for (const family of summary.families) {
    const chart = renderStudyChart(family);
    if (chart) files.set(`chart-${encodeURIComponent(family.family)}.svg`, chart);
  }
  for (const [name, content] of files) await writeOutput(folder.file(name), content);
  process.stdout.write(tableFormats.text(summary));
  console.log(`Files in ${folder.path}: ${[...files.keys()].join(", ")}`);
  const { failed, left } = total;
  if (failed + left > 0) {
    throw new UnfinishedStudyError(
      `${failed + left} of ${total.total} trainings and tests failed, or could not follow one that did: ` +
        `see ${typed("study", "status", folder.path)}. The same command tries them again.`,
    );
  }
}

async function readStudyFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`Cannot read the study ${file}: ${(cause as Error).message}`, { cause });
  }
}

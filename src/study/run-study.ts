import os from "node:os";
import { dirname, resolve } from "node:path";
import { toJson, writeWhole } from "../artifacts/index.ts";
import { isReadAsClass } from "../data/index.ts";
import { LimitError, checkOptions, checkString } from "../options/index.ts";
import { readRegular } from "../outside/index.ts";
import { Notes, UsageError } from "../tensor/index.ts";
import { boundedName } from "./bounded-name.ts";
import { cellTitle } from "./cell.ts";
import { checkStudy } from "./check.ts";
import { collectStudy } from "./collect.ts";
import { dataLocation } from "./data-location.ts";
import { readPart } from "./load-parts.ts";
import { parseWithParts } from "./parse.ts";
import type { StudyResult } from "./result.ts";
import { type RunStudyOptions, runStudyTable } from "./run-options.ts";
import { type StudyOverview, StudyRunner } from "./runner.ts";
import type { Study } from "./study.ts";
import type { PlacedStudy } from "./placed-study.ts";
import { StudyFolder } from "./study-folder.ts";
import { summarize } from "./summary.ts";
import type { WorkItem } from "./work.ts";

/** What became of a study. */
export interface StudyRun {
  /** The scores of every run that has some. */
  readonly result: StudyResult;
  /** How much is done, failed and left. */
  readonly overview: StudyOverview;
  /** The files that were written, by name: results, tables and charts. */
  readonly files: ReadonlyMap<string, string>;
}

/** What start-study.ts promises. */
export async function runStudy(file: string, options: RunStudyOptions): Promise<StudyRun> {
  const where = "runStudy";
  checkString(where, "file", file, "the path of a study file");
  checkOptions(where, runStudyTable, options);
  if (options.out === undefined) throw new UsageError(`${where} needs out, the folder of the results.`);
  options.signal?.throwIfAborted();
  const { placed, text } = await readStudy(file);
  await checkApart(placed, options.out);
  const checked = await checkStudy(placed);
  const notes = new Notes(options.onNote);
  notes.add(...checked.notes);
  options.signal?.throwIfAborted();
  const folder = new StudyFolder(options.out);
  const lock = await folder.open(placed, text, (note) => notes.add(note));
  try {
    await folder.recordContents(checked.contents, (note) => notes.add(note));
    const runner = new StudyRunner(placed, folder, {
      onNote: (note) => notes.add(note),
      jobs: options.jobs ?? defaultJobs(placed.study),
      retries: options.retries ?? runStudyTable.retries.default,
      checkpointSeconds: options.checkpointSeconds,
      command: options.command ?? "library",
      signal: options.signal ? AbortSignal.any([options.signal, lock.lost]) : lock.lost,
      onEvent(event) {
        // Those on the data, and of what is damaged, are said already.
        if (event.kind === "note" && !notes.list.includes(event.note)) {
          notes.add(`${event.note} (First noted in ${titleOf(event.item)}.)`);
        }
        options.onEvent?.(event);
      },
    });
    options.onStart?.(() => runner.overview());
    const overview = await runner.run();
    const result = collectStudy(folder, (note) => notes.add(note));
    const files = await resultFiles(result);
    lock.check();
    for (const [name, content] of files) await writeWhole(folder.file(name), content);
    return { result, overview, files };
  } finally {
    lock.release();
  }
}

/** @throws UsageError for a folder of results that would be read as a class of the data the next time */
async function checkApart({ study, directory }: PlacedStudy, out: string): Promise<void> {
  const data = dataLocation(study.data.name, directory);
  if (!(await isReadAsClass(data, out))) return;
  throw new UsageError(
    `The folder of the results, ${out}, lies among the class folders of ${data}, and would be read as one of them the next ` +
      `time. Give a folder outside it.`,
  );
}

const titleOf = ({ cell, arms }: WorkItem): string =>
  cellTitle(cell, cell.config.family === null ? null : arms[0].family);

/** A study file, read; with its text. @throws UsageError, StudyFileError */
export async function readStudy(file: string): Promise<{ placed: PlacedStudy; text: string }> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readRegular(file, "settingsBytes"));
  } catch (cause) {
    if (cause instanceof LimitError) throw cause;
    throw new UsageError(`Cannot read the study ${file}: ${(cause as Error).message}`, { cause });
  }
  const directory = resolve(dirname(file));
  const study = await parseWithParts(text, file, (kind, entry) => readPart(kind, entry, directory));
  return { placed: { study, directory }, text };
}

/** As many cells as the machine has cores for. */
export const defaultJobs = ({ threads }: Study): number =>
  Math.max(1, Math.floor(os.availableParallelism() / threads));

async function resultFiles(result: StudyResult): Promise<Map<string, string>> {
  // Charts draw on a document, which takes a while to load: only now.
  const report = await import("../report/study/index.ts");
  const summary = summarize(result);
  const files = new Map([
    ["results.json", toJson(result)],
    ["tables.txt", report.renderStudyText(summary)],
    ["tables.md", report.renderStudyMarkdown(summary)],
  ]);
  for (const family of summary.families) {
    const chart = await report.renderStudyChart(family);
    if (chart) files.set(`chart-${boundedName(family.family)}.svg`, chart);
  }
  return files;
}

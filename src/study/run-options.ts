import { type OptionTable, callback, number, string, whole } from "../options/index.ts";
import { fitTable } from "../api/index.ts";
import type { OnNote } from "../tensor/index.ts";
import type { StudyEvent, StudyOverview } from "./runner.ts";

/** Options of `runStudy`. */
export interface RunStudyOptions {
  /** Folder of the results; the same call goes on in it after a stop. */
  out: string;
  /** Cells at the same time, each in a process of its own (default: cores / threads of a cell). */
  jobs?: number;
  /** How often a failed cell is tried again at once (default 1). */
  retries?: number;
  /** Seconds between checkpoints of a cell (default 15). */
  checkpointSeconds?: number;
  /** Stops the study: its processes end, the folder is free, and the signal's reason is thrown. */
  signal?: AbortSignal;
  /** Called once before the first cell, with what tells how far the study is at any moment. */
  onStart?: (overview: () => StudyOverview) => void;
  /** Called with whatever happens. */
  onEvent?: (event: StudyEvent) => void;
  /** Called with what was chosen or guessed of the study's data, a sentence each (default: a line on stderr). */
  onNote?: OnNote;
  /** The command line, for the manifests. */
  command?: string;
}

/** The rows of {@link RunStudyOptions}. */
export const runStudyTable = {
  out: string({
    description: "folder of the results",
    otherwise: "none; it must be given",
    alias: ["folder", "output", "directory", "dir", "path"],
  }),
  jobs: whole({
    description: "cells at the same time",
    otherwise: "cores / threads of a cell",
    flag: "--jobs <n>",
    alias: ["workers", "processes", "concurrency"],
  }),
  retries: whole(
    { description: "how often a failed cell is tried again at once", default: 1, flag: "--retries <n>" },
    0,
  ),
  checkpointSeconds: number(
    { least: 0 },
    { description: "seconds between checkpoints of a cell", default: fitTable.checkpointSeconds.default },
  ),
  signal: { ...fitTable.signal, description: "stops the study; the same call goes on with it later" },
  onStart: callback({
    description: "called once before the first cell, with what tells how far the study is",
  }),
  onEvent: callback({ description: "called with whatever happens", alias: ["onProgress"] }),
  onNote: fitTable.onNote,
  command: fitTable.command,
} satisfies OptionTable<RunStudyOptions>;

import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  DamagedFileError,
  type Lock,
  checkPlaces,
  lockHolder,
  makeFolder,
  readTextOfOurs,
  removeLeftovers,
  takeLock,
  writeWhole,
} from "../artifacts/index.ts";
import { type OnNote, UsageError } from "../tensor/index.ts";
import { CellFolder, type CellState } from "./cell-folder.ts";
import { type Contents, recordContents } from "./contents-record.ts";
import { StudyFileError, parseStudy } from "./parse.ts";
import { type PlacedStudy, placedStudyFile } from "./placed-study.ts";
import type { Choice } from "./state.ts";
import { choicesFile, workFile } from "./state-files.ts";

/** What a process that runs the study is doing. */
export interface WorkInHand {
  /** Ids. */
  readonly cells: readonly string[];
  readonly secondsLeft: number | null;
}

/** Files of the study itself, beside its cells', tables and charts. */
const ownFiles = [
  "study.yaml",
  "study.json",
  "contents.json",
  "choices.json",
  "running.json",
  "results.json",
];

/** The folder of a study's results. */
export class StudyFolder {
  readonly #lock: string;
  readonly #running: string;

  constructor(readonly path: string) {
    this.#lock = join(path, "lock");
    this.#running = join(path, "running.json");
  }

  cell = (id: string): CellFolder => new CellFolder(join(this.path, "cells", id));

  file = (name: string): string => join(this.path, name);

  /**
   * Makes the folder this study's and this process's. A folder that holds an earlier form of the same study, by name,
   * is gone on with: what the study still asks for is not made again.
   *
   * @param text    the study file's
   * @param onNote  hears of what is damaged and made again
   * @returns the folder's lock, whose release gives the folder back
   * @throws UsageError when the folder is another study's, or something else lies where files go; LockedError when another process is at work in it
   */
  async open(placed: PlacedStudy, text: string, onNote: OnNote): Promise<Lock> {
    makeFolder(join(this.path, "cells"));
    const lock = await takeLock(this.#lock, "alignreg study run");
    try {
      checkPlaces(ownFiles.map((name) => this.file(name)));
      const there = this.#nameOfStudy(onNote);
      if (there !== null && there !== placed.study.name) {
        throw new UsageError(
          `${this.path} holds the study "${there}", not "${placed.study.name}". Choose another --out.`,
        );
      }
      removeLeftovers(this.path);
      await writeWhole(this.file("study.yaml"), text);
      await placedStudyFile.write(this.file("study.json"), placed);
    } catch (error) {
      lock.release();
      throw error;
    }
    return {
      lost: lock.lost,
      check: () => lock.check(),
      release: () => {
        // What it says is of the next holder, where there is one.
        if (!lock.lost.aborted) rmSync(this.#running, { force: true });
        lock.release();
      },
    };
  }

  /** Notes what its cells are of. @throws UsageError when that was something else before */
  recordContents = (contents: readonly Contents[], onNote: OnNote): Promise<void> =>
    recordContents(this.file("contents.json"), contents, onNote);

  /** @throws UsageError when the folder holds no study, DamagedFileError when study.json is damaged */
  placed(): PlacedStudy {
    const placed = placedStudyFile.read(this.file("study.json"));
    if (placed) return placed;
    throw new UsageError(
      `${this.path} holds no study: there is no study.json. Give the folder that was --out of study run.`,
    );
  }

  /** Of those cells that have a folder, by id. */
  readCells(ids: Iterable<string>): Map<string, CellState> {
    return new Map([...ids].map((id) => [id, this.cell(id).read()]));
  }

  /** @throws DamagedFileError */
  readChoices(): readonly Choice[] {
    return choicesFile.read(this.file("choices.json"))?.choices ?? [];
  }

  writeChoices = (choices: readonly Choice[]): Promise<void> =>
    choicesFile.write(this.file("choices.json"), { choices: [...choices] });

  /** Says what is being worked on, for those who look from outside. */
  writeRunning = (work: WorkInHand): Promise<void> => workFile.write(this.#running, work);

  /** What a living process is working on; null when there is none. */
  running(): WorkInHand | null {
    if (lockHolder(this.#lock) === null) return null;
    const unknown = { cells: [], secondsLeft: null };
    try {
      return workFile.read(this.#running) ?? unknown;
    } catch (error) {
      // It is written anew whenever a cell ends.
      if (error instanceof DamagedFileError) return unknown;
      throw error;
    }
  }

  /** Of the study whose folder it is; null when there is none, or nothing tells. */
  #nameOfStudy(onNote: OnNote): string | null {
    try {
      return placedStudyFile.read(this.file("study.json"))?.study.name ?? null;
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      onNote(error.message);
    }
    const path = this.file("study.yaml");
    try {
      const text = readTextOfOurs(path, "");
      return text === null ? null : parseStudy(text, path).name;
    } catch (error) {
      if (error instanceof StudyFileError || error instanceof DamagedFileError) return null;
      throw error;
    }
  }
}

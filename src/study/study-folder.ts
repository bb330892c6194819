import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Lock,
  lockHolder,
  makeFolder,
  removeLeftovers,
  takeLock,
  writeWhole,
} from "../artifacts/index.ts";
import { UsageError } from "../tensor/index.ts";
import { CellFolder, type CellState } from "./cell-folder.ts";
import { type Contents, recordContents } from "./contents-record.ts";
import { readJson, writeJson } from "./json-file.ts";
import type { Choice } from "./state.ts";
import type { Study } from "./study.ts";

/** A study with where its file lies, which its paths are relative to. */
export interface PlacedStudy {
  readonly study: Study;
  /** Absolute. */
  readonly directory: string;
}

/** What a process that runs the study is doing. */
export interface WorkInHand {
  /** Ids. */
  readonly cells: readonly string[];
  readonly secondsLeft: number | null;
}

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
   * @param text  the study file's
   * @returns the folder's lock, whose release gives the folder back
   * @throws UsageError when the folder is another study's, LockedError when another process is at work in it
   */
  async open(placed: PlacedStudy, text: string): Promise<Lock> {
    makeFolder(join(this.path, "cells"));
    const lock = await takeLock(this.#lock, "alignreg study run");
    try {
      const there = this.#placed();
      if (there && there.study.name !== placed.study.name) {
        throw new UsageError(
          `${this.path} holds the study "${there.study.name}", not "${placed.study.name}". Choose another --out.`,
        );
      }
      removeLeftovers(this.path);
      await writeWhole(this.file("study.yaml"), text);
      await writeJson(this.file("study.json"), placed);
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
  recordContents = (contents: readonly Contents[]): Promise<void> =>
    recordContents(this.file("contents.json"), contents);

  /** @throws UsageError when the folder holds no study */
  placed(): PlacedStudy {
    const placed = this.#placed();
    if (placed) return placed;
    throw new UsageError(
      `${this.path} holds no study: there is no study.json. Give the folder that was --out of study run.`,
    );
  }

  /** Of those cells that have a folder, by id. */
  readCells(ids: Iterable<string>): Map<string, CellState> {
    return new Map([...ids].map((id) => [id, this.cell(id).read()]));
  }

  readChoices(): Choice[] {
    return readJson<Choice[]>(this.file("choices.json")) ?? [];
  }

  writeChoices = (choices: readonly Choice[]): Promise<void> => writeJson(this.file("choices.json"), choices);

  /** Says what is being worked on, for those who look from outside. */
  writeRunning = (work: WorkInHand): Promise<void> => writeJson(this.#running, work);

  /** What a living process is working on; null when there is none. */
  running(): WorkInHand | null {
    if (lockHolder(this.#lock) === null) return null;
    return readJson<WorkInHand>(this.#running) ?? { cells: [], secondsLeft: null };
  }

  #placed = (): PlacedStudy | null => readJson<PlacedStudy>(this.file("study.json"));
}

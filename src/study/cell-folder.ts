import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  DamagedFileError,
  checkPlaces,
  checkWritten,
  makeFolder,
  readFileOfOurs,
  readTextOfOurs,
  removeLeftovers,
} from "../artifacts/index.ts";
import type { Scores } from "../evaluate/index.ts";
import { readModel } from "../onnx/index.ts";
import { AlignregError } from "../tensor/index.ts";
import { boundedName } from "./bounded-name.ts";
import { type CellConfig } from "./cell.ts";
import { cellManifestFile, configFile, failureFile, scoresFile } from "./state-files.ts";

/** The part of the data that scores are of. */
export type Part = "validation" | "test";

/** Why a cell failed last. */
export interface CellFailure {
  readonly message: string;
  readonly stack: string;
  /** How often it has failed, over all runs of the study. */
  readonly attempt: number;
}

/** What a cell's folder holds. */
export interface CellState {
  readonly isTrained: boolean;
  /** Of the training; null before its end. */
  readonly trainingSeconds: number | null;
  /** By {@link scoresName}. */
  readonly scores: ReadonlyMap<string, Scores>;
  readonly failure: CellFailure | null;
  /** What of it is damaged, a sentence each; it counts as not there. */
  readonly damage: readonly string[];
}

/** As in "test-rotation": a file's name without its extension. */
export const scoresName = (part: Part, family: string): string => `${part}-${boundedName(family)}`;

const trainedAgain = "The cell is trained again.";

/** What is said of damage that reading comes upon; null where there is none. */
function damageOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof DamagedFileError) return error.message;
    throw error;
  }
}

/** The files of a cell. Each is written whole or not at all; the manifest comes last and says that training ended. */
export class CellFolder {
  readonly config: string;
  /** Only while the cell trains. */
  readonly checkpoint: string;
  readonly metrics: string;
  readonly model: string;
  readonly manifest: string;
  readonly error: string;

  constructor(readonly path: string) {
    this.config = join(path, "config.json");
    this.checkpoint = join(path, "checkpoint.onnx");
    this.metrics = join(path, "metrics.jsonl");
    this.model = join(path, "model.onnx");
    this.manifest = join(path, "manifest.json");
    this.error = join(path, "error.json");
  }

  /** @param name  as {@link scoresName} gives it */
  scores = (name: string): string => join(this.path, `${name}.json`);

  /**
   * Makes the folder, and clears what a killed process left half-written.
   *
   * @throws UsageError when something that is no file lies where one is to be written: better now than after hours
   */
  prepare(): void {
    makeFolder(this.path);
    removeLeftovers(this.path);
    checkPlaces([this.config, this.checkpoint, this.metrics, this.model, this.manifest]);
  }

  /** Never throws for what lies there: what is damaged is named, and counts as not there. */
  read(): CellState {
    const damage: string[] = [];
    const sound = <Value>(read: () => Value | null): Value | null => {
      let value: Value | null = null;
      const what = damageOf(() => (value = read()));
      if (what !== null) damage.push(what);
      return value;
    };
    const manifest = sound(() => cellManifestFile.read(this.manifest));
    const names = this.#names().flatMap((file) => /^((?:validation|test)-.*)\.json$/.exec(file)?.[1] ?? []);
    const scores = new Map<string, Scores>();
    for (const name of names) {
      const read = sound(() => scoresFile.read(this.scores(name)));
      if (read) scores.set(name, read);
    }
    return {
      isTrained: manifest !== null,
      trainingSeconds: manifest?.seconds ?? null,
      scores,
      failure: this.#failure(),
      damage,
    };
  }

  /** What of a training's files is not as it was written, a sentence each. Files may have been taken away. */
  trainingDamage(): string[] {
    const files = Object.entries(cellManifestFile.read(this.manifest)?.files ?? {});
    return files.flatMap(([name, file]) => {
      const path = join(this.path, name);
      if (!existsSync(path)) return [];
      return damageOf(() => checkWritten(path, file, "size", trainedAgain)) ?? [];
    });
  }

  /** Why a trained cell's model cannot be tested, a sentence; null when it can. */
  modelDamage(): string | null {
    return damageOf(() => {
      const file = cellManifestFile.read(this.manifest)?.files?.["model.onnx"];
      if (file) return checkWritten(this.model, file, "content", trainedAgain);
      // A manifest of a time before versions.
      const bytes = readFileOfOurs(this.model, trainedAgain);
      if (bytes === null) throw new DamagedFileError(this.model, "it is not there", trainedAgain);
      try {
        readModel(bytes, this.model);
      } catch (cause) {
        if (!(cause instanceof AlignregError)) throw cause;
        throw new DamagedFileError(this.model, cause.message, trainedAgain, { cause });
      }
    });
  }

  /** Writes config.json, unless it says already what it should. */
  async writeConfig(config: CellConfig): Promise<void> {
    let there: string | null = null;
    damageOf(() => (there = readTextOfOurs(this.config, "")));
    if (there !== configFile.text({ ...config })) await configFile.write(this.config, { ...config });
  }

  async recordFailure({ message, stack }: Omit<CellFailure, "attempt">): Promise<void> {
    makeFolder(this.path);
    const attempt = (this.#failure()?.attempt ?? 0) + 1;
    await failureFile.write(this.error, { message, stack, attempt });
  }

  clearFailure(): void {
    if (lstatSync(this.error, { throwIfNoEntry: false })?.isFile()) rmSync(this.error);
  }

  /** Of a damaged record is known that there was a failure. */
  #failure(): CellFailure | null {
    try {
      return failureFile.read(this.error);
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      return { message: error.message, stack: "", attempt: 1 };
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return [];
      throw error;
    }
  }
}

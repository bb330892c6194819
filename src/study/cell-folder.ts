import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../api/index.ts";
import { makeFolder, removeLeftovers } from "../artifacts/index.ts";
import type { Scores } from "../evaluate/index.ts";
import { readJson, writeJson } from "./json-file.ts";

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
}

/** As in "test-rotation": a file's name without its extension. */
export const scoresName = (part: Part, family: string): string => `${part}-${encodeURIComponent(family)}`;

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

  /** Makes the folder, and clears what a killed process left half-written. */
  prepare(): void {
    makeFolder(this.path);
    removeLeftovers(this.path);
  }

  read(): CellState {
    const manifest = readJson<Manifest>(this.manifest);
    const files = existsSync(this.path) ? readdirSync(this.path) : [];
    const names = files.flatMap((file) => /^((?:validation|test)-.*)\.json$/.exec(file)?.[1] ?? []);
    return {
      isTrained: manifest !== null,
      trainingSeconds: manifest?.seconds ?? null,
      scores: new Map(names.map((name) => [name, readJson<Scores>(this.scores(name))!])),
      failure: readJson<CellFailure>(this.error),
    };
  }

  async recordFailure({ message, stack }: Omit<CellFailure, "attempt">): Promise<void> {
    this.prepare();
    const attempt = (readJson<CellFailure>(this.error)?.attempt ?? 0) + 1;
    await writeJson(this.error, { message, stack, attempt } satisfies CellFailure);
  }

  clearFailure(): void {
    rmSync(this.error, { force: true });
  }
}

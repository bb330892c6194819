import { existsSync, rmSync } from "node:fs";
import { evaluate, fit, loadFamily, saveClassifier, saveOrigin } from "../api/index.ts";
import { writeWhole } from "../artifacts/index.ts";
import { type MethodName, type RegularizerName, methods } from "../align/index.ts";
import type { Cell } from "./cell.ts";
import { CellFolder, type Part, scoresName } from "./cell-folder.ts";
import { type FamilyEntry, familyNameOf } from "./family.ts";
import { writeJson } from "./json-file.ts";
import { studyModel } from "./model.ts";
import type { StudyData } from "./study-data.ts";

/** Scores to make: of which images, under which family. */
export interface Evaluation {
  readonly part: Part;
  readonly family: FamilyEntry;
}

/** A cell with what is to be made of it; plain data, to be sent to a process. */
export interface CellJob {
  readonly cell: Cell;
  /** The cell's folder. */
  readonly folder: string;
  /** Of the study file. */
  readonly directory: string;
  readonly evaluations: readonly Evaluation[];
  readonly augmentation: "eager" | "lazy";
  /** Seconds between checkpoints. */
  readonly checkpointSeconds: number;
  /** For the manifest. */
  readonly command: string;
}

/** How far a job is. */
export interface JobProgress {
  readonly stage: "train" | Part;
  /** In [0, 1], of the stage. */
  readonly fraction: number;
}

/** Who hears how a job goes. */
export interface JobListeners {
  readonly onProgress: (progress: JobProgress) => void;
  /** What `fit` and `evaluate` note. */
  readonly onNote: (note: string) => void;
}

/** How long its stages took; those done before are left out. */
export interface JobTimes {
  trainingSeconds?: number;
  /** Of each evaluation. */
  evaluationSeconds: number[];
}

/**
 * Does what is left to do of a cell in this process: trains it, from its checkpoint where there is one, and makes the
 * scores that are asked for and not there.
 */
export async function runCell(job: CellJob, data: StudyData, listeners: JobListeners): Promise<JobTimes> {
  const { onProgress, onNote } = listeners;
  const folder = new CellFolder(job.folder);
  const times: JobTimes = { evaluationSeconds: [] };
  folder.prepare();
  if (!existsSync(folder.manifest)) {
    times.trainingSeconds = await seconds(() => trainCell(job, folder, data, listeners));
  }
  for (const { part, family } of job.evaluations) {
    const path = folder.scores(scoresName(part, familyNameOf(family)));
    if (existsSync(path)) continue;
    const taken = await seconds(async () => {
      const images = await data.part(part);
      const scores = await evaluate(folder.model, images, {
        transforms: await loadFamily(family, job.directory),
        threads: job.cell.config.threads,
        onNote,
        onProgress: (done, total) => onProgress({ stage: part, fraction: done / total }),
      });
      // Times and machines are for manifests: equal scores are equal bytes.
      await writeJson(path, { ...scores, notes: undefined, manifest: undefined });
    });
    times.evaluationSeconds.push(taken);
  }
  return times;
}

async function trainCell(
  { cell: { config }, directory, augmentation, checkpointSeconds, command }: CellJob,
  folder: CellFolder,
  data: StudyData,
  { onProgress, onNote }: JobListeners,
): Promise<void> {
  await writeJson(folder.config, config);
  const images = await data.part("train");
  const { name: optimizer, learningRate, ...optimizerOptions } = config.optimizer;
  const model = await studyModel(config, images, directory);
  const isViewed = methods[config.method as MethodName].views !== "none";
  const result = await fit(model, images, {
    method: config.method as MethodName,
    regularizer: (config.regularizer ?? undefined) as RegularizerName | undefined,
    alignmentWeight: config.lambda ?? undefined,
    alignmentWarmUp: config.lambdaWarmUp ?? undefined,
    transforms: config.family === null ? undefined : await loadFamily(config.family, directory),
    selection: config.selection,
    epochs: config.epochs,
    batchSize: config.batchSize,
    optimizer,
    learningRate,
    optimizerOptions,
    schedule: config.schedule,
    seed: config.seed,
    threads: config.threads,
    crop: config.crop,
    flip: config.flip,
    augmentation: isViewed ? augmentation : "lazy",
    checkpoint: folder.checkpoint,
    checkpointSeconds,
    resume: true,
    command,
    onNote,
    onProgress: ({ step, totalSteps }) => onProgress({ stage: "train", fraction: step / totalSteps }),
  });
  const lines = result.history.map((line) => `${JSON.stringify(line)}\n`);
  await writeWhole(folder.metrics, lines.join(""));
  await saveOrigin(result.model, folder.path);
  await saveClassifier(result.model, folder.model);
  await writeJson(folder.manifest, { ...result.manifest, notes: result.notes });
  rmSync(folder.checkpoint, { force: true });
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}

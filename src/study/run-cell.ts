import { readFileSync, rmSync, statSync } from "node:fs";
import { basename } from "node:path";
import {
  type FitResult,
  classifierFile,
  evaluate,
  fit,
  loadFamily,
  saveOrigin,
  sidecarFile,
  trainingRecord,
} from "../api/index.ts";
import { type WrittenFiles, writeTogether, writeWhole, written } from "../artifacts/index.ts";
import type { RangeSearchOptions, Scores } from "../evaluate/index.ts";
import { methodOf } from "../align/index.ts";
import { CheckpointError, optimizerOf } from "../train/index.ts";
import type { Cell } from "./cell.ts";
import { CellFolder, type Part, scoresName } from "./cell-folder.ts";
import { type FamilyEntry, familyNameOf } from "./family.ts";
import { fitParts } from "./load-parts.ts";
import { studyModel } from "./model.ts";
import type { PartEntry } from "./own-part.ts";
import { cellManifestFile, scoresAlone, scoresFile } from "./state-files.ts";
import type { StudyData } from "./study-data.ts";
import { viewsThatFit } from "./views-that-fit.ts";

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
  /** How families with a range are searched. */
  readonly search?: RangeSearchOptions;
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
  await folder.writeConfig(job.cell.config);
  const { isTrained, scores: made } = folder.read();
  const missing = job.evaluations.filter(
    ({ part, family }) => !made.has(scoresName(part, familyNameOf(family))),
  );
  const damage = isTrained ? damageIn(folder, missing.length > 0) : [];
  damage.forEach(onNote);
  if (!isTrained || damage.length > 0) {
    times.trainingSeconds = await seconds(() => trainCell(job, folder, data, listeners));
  }
  for (const { part, family } of missing) {
    const path = folder.scores(scoresName(part, familyNameOf(family)));
    const taken = await seconds(async () => {
      const images = await data.part(part);
      const transforms = await loadFamily(family, job.directory);
      const scores: Scores = await evaluate(folder.model, images, {
        transforms,
        ...(transforms.ranges && job.search),
        threads: job.cell.config.threads,
        onNote,
        onProgress: (done, total) => onProgress({ stage: part, fraction: done / total }),
      });
      // Times and machines are for manifests: equal scores are equal bytes.
      await scoresFile.write(path, scoresAlone(scores));
    });
    times.evaluationSeconds.push(taken);
  }
  return times;
}

/** What of a trained cell is not as it was written, a sentence each. */
function damageIn(folder: CellFolder, isTested: boolean): string[] {
  const damage = folder.trainingDamage();
  return isTested && damage.length === 0 ? [folder.modelDamage() ?? []].flat() : damage;
}

async function trainCell(
  job: CellJob,
  folder: CellFolder,
  data: StudyData,
  listeners: JobListeners,
): Promise<void> {
  let result: FitResult;
  try {
    result = await fitCell(job, folder, data, listeners);
  } catch (error) {
    // Nobody could go on from it: a cell has one configuration, and its training is made again.
    if (!(error instanceof CheckpointError)) throw error;
    listeners.onNote(`${error.reason} The cell is trained from the start.`);
    rmSync(folder.checkpoint, { force: true });
    result = await fitCell(job, folder, data, listeners);
  }
  const files: WrittenFiles = {};
  const write = async (path: string, content: string | Uint8Array) => {
    await writeWhole(path, content);
    files[basename(path)] = written(content);
  };
  await write(folder.metrics, result.history.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const record = trainingRecord(result, await data.part("train"), {
    from: result.model.graph.name,
    heldOut: null,
  });
  const origin = await saveOrigin(result.model, folder.path, record);
  const models = new Map([[basename(folder.model), classifierFile(result.model)]]);
  if (origin && statSync(origin).isFile()) models.set(basename(origin), readFileSync(origin));
  for (const [name, bytes] of models) files[name] = written(bytes);
  const [sidecar, text] = sidecarFile(result.model, models, record);
  files[sidecar] = written(text);
  await writeTogether(
    folder.path,
    new Map<string, string | Uint8Array>([
      [sidecar, text],
      [basename(folder.model), models.get(basename(folder.model))!],
    ]),
  );
  await cellManifestFile.write(folder.manifest, { ...result.manifest, notes: result.notes, files });
  rmSync(folder.checkpoint, { force: true });
}

async function fitCell(
  { cell: { config }, directory, augmentation, checkpointSeconds, command }: CellJob,
  folder: CellFolder,
  data: StudyData,
  { onProgress, onNote }: JobListeners,
): Promise<FitResult> {
  const images = await data.part("train");
  const { name: named, learningRate, ...optimizerOptions } = config.optimizer;
  const { loss: given } = config;
  const isMapping = typeof given === "object" && "name" in given;
  const { name: lossName = given, ...lossOptions } = isMapping
    ? (given as { name: PartEntry })
    : { name: given };
  const parts = await fitParts(
    { ...config, loss: lossName as PartEntry | undefined, optimizer: named },
    directory,
  );
  const model = await studyModel(config, images, directory);
  const { views: shown } = methodOf(parts.method);
  const isViewed = shown === "random" || shown === "worst-case";
  const transforms = config.family === null ? undefined : await loadFamily(config.family, directory);
  const { augmix } = config;
  const operations = augmix?.operations;
  const isKept = isViewed && transforms?.ranges === undefined;
  const views = viewsThatFit(isKept ? augmentation : "lazy", images, transforms?.members.length ?? 1);
  views.notes.forEach(onNote);
  return fit(model, images, {
    ...parts,
    lossOptions: isMapping ? lossOptions : undefined,
    alignmentWeight: config.lambda ?? undefined,
    alignmentWarmUp: config.lambdaWarmUp ?? undefined,
    transforms,
    ...(augmix && {
      augmix: { ...augmix, operations: operations && (await loadFamily(operations, directory)) },
    }),
    hardest: config.hardest,
    unlabelledRatio: config.unlabelledRatio,
    selection: config.selection,
    epochs: config.epochs,
    batchSize: config.batchSize,
    learningRate,
    optimizerOptions,
    // As the tables were made, and as PyTorch's optimizers do that are given all parameters alike.
    ...(optimizerOf(parts.optimizer, optimizerOptions).weightDecay ? { decay: "all" as const } : {}),
    schedule: config.schedule,
    seed: config.seed,
    threads: config.threads,
    crop: config.crop,
    flip: config.flip,
    augmentation: views.augmentation,
    checkpoint: folder.checkpoint,
    checkpointSeconds,
    resume: true,
    command,
    onNote,
    onProgress: ({ step, totalSteps }) => onProgress({ stage: "train", fraction: step / totalSteps }),
  });
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}

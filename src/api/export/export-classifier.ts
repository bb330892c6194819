import { readdir, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { makeFolder, removeLeftovers, writeTogether, writeWhole } from "../../artifacts/index.ts";
import { modelJsonName, zipOf } from "../../keras/archive/index.ts";
import type { Classifier } from "../../models/index.ts";
import { checkString, isRecord } from "../../options/index.ts";
import { AlignregError, Notes, UsageError } from "../../tensor/index.ts";
import { checkModelArgument } from "../check-model-argument.ts";
import { loadClassifier } from "../load-classifier.ts";
import { homeNames, withOriginOf } from "../origin-files.ts";
import { readModelBytes } from "../read-model-bytes.ts";
import { classifierHash, contentHash } from "../manifest.ts";
import { modelSource } from "../model-source.ts";
import { type TrainingRecord, layersWithSidecar, readSidecar, writeWithSidecar } from "../sidecar/index.ts";
import type { CardResults, ExportOptions } from "./export-options.ts";
import { checkExportOptions, filesOf } from "./exported-files.ts";
import { MAKER, isOwnShard } from "./layers-files.ts";

export interface Exported {
  /** The folder or file. */
  readonly path: string;
  readonly bytes: number;
  readonly notes: readonly string[];
}

/**
 * Writes a classifier in a form that apps take: a folder for TensorFlow.js, a zip for Teachable Machine's library, or an ONNX file.
 * The folder's files, the zip or the file are written whole, or nothing is.
 *
 * @param model  a classifier; or the path or bytes of anything that `loadClassifier` reads, as the folder of a run
 * @param path   of the folder or the file
 *
 * @example
 * await exportClassifier(model, "flowers.zip", { to: "teachable-machine" });
 *
 * @throws UnsupportedOpError for an operator that no layer of TensorFlow.js computes, by its name; UsageError for options that do not go
 *         together, and for a folder with another's model; WriteError
 */
export async function exportClassifier(
  model: Classifier | string | Uint8Array,
  path: string,
  options: ExportOptions,
): Promise<Exported> {
  const where = "exportClassifier";
  checkModelArgument(where, model);
  checkString(where, "path", path, "the path of a folder or file");
  checkExportOptions(where, options);
  const said = new Notes(options.onNote);
  if (typeof model === "string") await checkApart(model, path);
  if (options.to === "tfjs") await checkFolderIsOurs(path);
  const isOpen = typeof model !== "string" && "graph" in model;
  const lying = isOpen ? null : await lyingFiles(model);
  const classifier = isOpen ? model : await opened(model, options);
  const title = typeof model === "string" ? model : `The model "${classifier.graph.name}"`;
  const hash = lying?.sha256 ?? classifierHash(classifier);
  if (options.results) checkResults(options.results, hash, title);
  const { files, notes, held } = filesOf(classifier, options, title, {
    name: typeof model === "string" ? nameOf(model) : classifier.graph.name,
    file: lying ? lying.file : "model.onnx",
    sha256: lying?.sha256,
    record: lying?.record,
  });
  said.add(...notes);
  const all = await write(path, files, held, options, lying?.record);
  const bytes = [...all.values()].reduce((sum, file) => sum + file.length, 0);
  return { path, bytes, notes: said.list };
}

/** @returns what was written, by name; a sidecar of a single file is not counted */
async function write(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  held: Classifier,
  { to, output }: ExportOptions,
  record: TrainingRecord = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  // Of other logits the scores say nothing.
  const told = output === undefined ? record : {};
  if (to === "tfjs") {
    const all = await layersWithSidecar(path, files, held, told);
    await writeFolder(path, all);
    return all;
  }
  makeFolder(dirname(path));
  const [only] = files.values();
  if (to === "onnx") await writeWithSidecar(path, only, held, told);
  else await writeWhole(path, to === "card" ? only : zipOf(files));
  return files;
}

interface LyingFiles {
  /** The ONNX file's name; null for another model. */
  readonly file: string | null;
  readonly sha256: string;
  /** What the file beside it says of its training. */
  readonly record: TrainingRecord;
}

async function lyingFiles(model: string | Uint8Array): Promise<LyingFiles> {
  const source = await modelSource(model);
  const content = source.kind === "onnx" ? source.bytes : source.content;
  const found = await readSidecar(source.path, content);
  const { validation, calibration, training } = found?.sidecar ?? {};
  return {
    file: source.kind === "onnx" ? basename(source.path ?? "model.onnx") : null,
    sha256: contentHash(content),
    record: { validation, calibration, training },
  };
}

/** What a card calls a model: a run by its folder, a file by its name. */
function nameOf(path: string): string {
  const own = basename(resolve(path)).replace(/\.(onnx|keras|h5|hdf5|json|zip)$/i, "");
  return /^(model|model-tfjs)$/.test(own) ? basename(dirname(resolve(path))) : own;
}

/** @throws UsageError for results of another model */
function checkResults({ manifest: { model } }: CardResults, sha256: string, title: string): void {
  if (model.sha256 === sha256) return;
  throw new UsageError(
    `The results are of another model, ${model.name} (sha256 ${model.sha256.slice(0, 10)}…), than ${title} (${sha256.slice(0, 10)}…). Test this one: ` +
      `alignreg evaluate --json.`,
  );
}

/** A run's model with the TensorFlow.js folder that it came from, whose layers it may keep. */
async function opened(
  model: string | Uint8Array,
  { to, output, classNames, imageShape }: ExportOptions,
): Promise<Classifier> {
  const classifier = await loadClassifier(model, { output, classNames, imageShape });
  if (typeof model !== "string" || classifier.origin || to !== "teachable-machine") return classifier;
  const home = join((await isFolder(model)) ? model : dirname(model), homeNames.tfjs);
  if (!(await isFolder(home))) return classifier;
  try {
    return withOriginOf(classifier, await loadClassifier(home, { imageShape }), home);
  } catch (error) {
    // It is another model's.
    if (error instanceof AlignregError) return classifier;
    throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @throws UsageError where the model itself would be replaced */
async function checkApart(model: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([model, path].map((each) => realpath(each).catch(() => null)));
  if (from !== null && from === to) {
    throw new UsageError(`${path} is the model itself, which is not replaced. Give another path (--out).`);
  }
}

/** @throws UsageError for a folder whose model.json another program wrote */
async function checkFolderIsOurs(folder: string): Promise<void> {
  const path = join(folder, modelJsonName);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere || (await makerOf(path)) === MAKER) return;
  throw new UsageError(
    `${path} is a model of another program, which is not replaced. Give another folder (--out), or remove it.`,
  );
}

async function makerOf(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readModelBytes(path));
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json.generatedBy : undefined;
  } catch {
    return undefined;
  }
}

/** Weights of an earlier export go when nothing names them any more. */
async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await writeTogether(folder, files);
  removeLeftovers(folder);
  const old = (await readdir(folder)).filter((name) => isOwnShard(name) && !files.has(name));
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
}

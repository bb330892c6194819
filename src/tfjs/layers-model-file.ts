/** Saved layers models on disk, without tfjs-node. */
import { createHash } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { readLayersFiles } from "../api/index.ts";
import { makeFolder, removeLeftovers, writeWhole } from "../artifacts/index.ts";
import { checkHasLayers, modelJsonName, storedJson } from "../keras/archive/index.ts";
import { checkString } from "../options/index.ts";
import { Notes, type OnNote, UsageError } from "../tensor/index.ts";
import { checkLayersModel } from "./check-arguments.ts";
import { readableTopology } from "./keras-topology.ts";
import { type WeightNames, renamedWeights } from "./renamed-weights.ts";

/** What a model.json holds, as far as it is read here. */
interface ModelJson extends tf.io.ModelJSON {
  readonly weightsManifest: tf.io.WeightsManifestConfig;
}

const ownShards = /^weights-[0-9a-f]{16}\.bin$/;

/**
 * Reads a saved layers model: a model.json and the weight files that it names, beside it.
 *
 * Augmentation layers of Keras that TensorFlow.js does not know, such as RandomFlip, are read as layers that hand on what
 * they are given, in TensorFlow.js's own training too; a note says so.
 *
 * @param source  path or file: URL of the model.json, or of the folder that holds it
 * @throws UsageError, ModelError when a file is missing, cut off, outside the folder, or no layers model
 */
export async function loadLayersModel(
  source: string | URL,
  { onNote }: { onNote?: OnNote } = {},
): Promise<tf.LayersModel> {
  if (!(source instanceof URL)) checkString("loadLayersModel", "path", source, "the path of a model.json");
  const path = await modelPath(source);
  const files = await readLayersFiles(path);
  checkHasLayers(files, path);
  const { weightsManifest, modelTopology, ...rest } = modelJson(files);
  const parts = weightsManifest
    .flatMap(({ paths }) => paths)
    // A page's downloads are named "./model.weights.bin".
    .map((shard) => files.get(shard.replace(/^\.\//, "")) ?? new Uint8Array());
  const { topology, notes } = readableTopology(modelTopology);
  const artifacts = {
    modelTopology: topology,
    weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
    weightData: Uint8Array.from(Buffer.concat(parts)).buffer,
    trainingConfig: rest.trainingConfig,
    userDefinedMetadata: rest.userDefinedMetadata,
  };
  new Notes(onNote).add(...notes);
  try {
    return await loadWith(artifacts);
  } catch (cause) {
    const { message } = cause as Error;
    const advice = message.includes("already registered")
      ? `A model of another copy of TensorFlow.js has a weight of that name: load with that copy, or dispose of it first.`
      : `It may have layers of your own, to be registered first, or weight files that are cut off.`;
    throw new UsageError(`TensorFlow.js cannot load the model ${path}: ${message}. ${advice}`, { cause });
  }
}

/** Loads a model by its weights' names or, where these are not the model's own, by what they are without prefixes. */
async function loadWith(artifacts: tf.io.ModelArtifacts & WeightNames): Promise<tf.LayersModel> {
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (error) {
    const weightSpecs = await renamedWeights(artifacts);
    if (!weightSpecs) throw error;
    return tf.loadLayersModel(tf.io.fromMemory({ ...artifacts, weightSpecs }));
  }
}

/** Of the model.json. */
async function modelPath(source: string | URL): Promise<string> {
  let path: string;
  try {
    path = source instanceof URL || /^file:/i.test(source) ? fileURLToPath(source) : source;
  } catch (cause) {
    throw new UsageError(`${String(source)} is no file: URL of this computer: ${(cause as Error).message}.`, {
      cause,
    });
  }
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  return isFolder ? join(path, "model.json") : path;
}

/**
 * Writes a model as model.json and a weight file, which `loadLayersModel` and TensorFlow.js itself read. Whoever reads
 * the folder meanwhile sees the old model or the new one: the weights have a name of their content, and model.json is
 * replaced last.
 *
 * @param folder  made if it is not there
 */
export async function saveLayersModel(model: tf.LayersModel, folder: string): Promise<void> {
  checkLayersModel("saveLayersModel", model);
  checkString("saveLayersModel", "folder", folder, "the path of a folder");
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const bytes = Buffer.concat([artifacts.weightData ?? []].flat().map((part) => new Uint8Array(part)));
      const shard = `weights-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.bin`;
      const {
        modelTopology,
        weightSpecs,
        format,
        generatedBy,
        convertedBy,
        trainingConfig,
        userDefinedMetadata,
      } = artifacts;
      const json = {
        modelTopology,
        format,
        generatedBy,
        convertedBy,
        trainingConfig,
        userDefinedMetadata,
        weightsManifest: [{ paths: [shard], weights: weightSpecs }],
      };
      makeFolder(folder);
      removeLeftovers(folder);
      await writeWhole(join(folder, shard), bytes);
      await writeWhole(join(folder, "model.json"), JSON.stringify(json));
      const old = (await readdir(folder)).filter((name) => ownShards.test(name) && name !== shard);
      await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" as const } };
    }),
  );
}

/** What the reader of its files has found sound. */
const modelJson = (files: ReadonlyMap<string, Uint8Array>): ModelJson =>
  storedJson(new TextDecoder().decode(files.get(modelJsonName)), modelJsonName) as ModelJson;

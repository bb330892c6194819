/** Graph models as TensorFlow.js runs them, and as we do. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { innerValues } from "../src/runtime/index.ts";
import { readGraphModel } from "../src/graph-model/index.ts";
import { type Shape, float32, numbersOf, random, sizeOf } from "../src/tensor/index.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
  readonly signature?: object;
  readonly userDefinedMetadata?: object;
}

const require = createRequire(import.meta.url);

/** Files into an empty folder of its own; the caller removes it. */
export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "alignreg-graph-model-"));
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** One of nsfwjs's graph models, which it keeps as scripts, the weights in base64. */
export function nsfwjsFiles(model: string): Map<string, Uint8Array> {
  const folder = join(dirname(require.resolve("nsfwjs")), "../models", model);
  const json = require(join(folder, "model.min.js")) as ModelJson;
  const files = new Map<string, Uint8Array>([["model.json", new TextEncoder().encode(JSON.stringify(json))]]);
  for (const path of json.weightsManifest.flatMap(({ paths }) => paths)) {
    files.set(
      path,
      Uint8Array.from(Buffer.from(require(join(folder, `${path}.min.js`)) as string, "base64")),
    );
  }
  return files;
}

/** Noise in [0, 1], [N, H, W, C]. */
export function noise(shape: Shape, seed: string): Float32Array {
  const rng = random(0, seed);
  return Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform());
}

/** What TensorFlow.js makes of images [N, H, W, C], output by output in the order of the signature. */
export async function tensorFlowOutputs(
  files: Files,
  images: Float32Array,
  shape: Shape,
): Promise<number[][]> {
  const json = JSON.parse(new TextDecoder().decode(files.get("model.json"))) as ModelJson;
  const parts = json.weightsManifest.flatMap(({ paths }) => paths).map((path) => files.get(path)!);
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
      weightData: Uint8Array.from(Buffer.concat(parts)).buffer,
      signature: json.signature,
      userDefinedMetadata: json.userDefinedMetadata,
    }),
  );
  const input = tf.tensor(images, [...shape]);
  const made = model.execute(input, [...model.outputNodes]);
  const outputs = [made].flat();
  const numbers = await Promise.all(outputs.map(async (output) => Array.from(await output.data())));
  tf.dispose([input, ...outputs]);
  model.dispose();
  return numbers;
}

/** The same of the graph that we read. Images [N, H, W, C] are turned to what it takes. */
export async function ownOutputs(files: Files, images: Float32Array, shape: Shape): Promise<number[][]> {
  const { graph } = readGraphModel(files, "net");
  const [{ name }] = graph.inputs;
  const [n, h, w, c] = shape;
  const first = tf.tidy(() => tf.tensor(images, [n, h, w, c]).transpose([0, 3, 1, 2]).dataSync<"float32">());
  const outputs = graph.outputs.map((output) => output.name);
  const run = await innerValues(graph, outputs, { [name]: float32([n, c, h, w], Float32Array.from(first)) });
  return outputs.map((output) => numbersOf(run[output]));
}

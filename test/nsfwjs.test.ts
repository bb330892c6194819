/** A network from a package of others, a MobileNetV2 in base64 inside of scripts, as a backbone. */
import { createRequire } from "node:module";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fit, loadBackbone } from "../src/api/index.ts";
import { rotation } from "../src/augment/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { findFeatures, withNewHead } from "../src/models/index.ts";
import { innerValues } from "../src/runtime/index.ts";
import { float32, numbersOf, random } from "../src/tensor/index.ts";

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "alignreg-nsfwjs-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface ModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: [{ paths: [string]; weights: tf.io.WeightsManifestEntry[] }];
}
let json: ModelJson;
let weights: Buffer;

beforeAll(() => {
  const models = join(dirname(require.resolve("nsfwjs")), "../models/mobilenet_v2");
  json = require(join(models, "model.min.js")) as ModelJson;
  weights = Buffer.from(require(join(models, "group1-shard1of1.min.js")) as string, "base64");
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
  writeFileSync(join(folder, json.weightsManifest[0].paths[0]), weights);
});

const rng = random(0, "nsfwjs");
const noise = Float32Array.from({ length: 2 * 224 * 224 * 3 }, () => rng.uniform());

test("gives the probabilities of TensorFlow.js", async () => {
  const model = await loadBackbone(folder);
  const layers = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: new Uint8Array(weights).buffer,
    }),
  );
  const [first, expected] = tf.tidy(() => {
    const images = tf.tensor4d(noise, [2, 224, 224, 3]);
    return [
      images.transpose([0, 3, 1, 2]).dataSync<"float32">(),
      (layers.predict(images) as tf.Tensor).dataSync(),
    ];
  });
  const run = await innerValues(model.graph, [model.logits], {
    [model.input]: float32([2, 3, 224, 224], first),
  });
  const softmax = tf.tidy(() => tf.softmax(tf.tensor2d(numbersOf(run[model.logits]), [2, 5])).dataSync());
  expect(softmax).toBeAllClose(expected, { atol: 1e-4 });
});

test("lends its pooled features to a new head, not the hidden layers of its old one", async () => {
  const model = await loadBackbone(folder);
  expect(findFeatures(model)).toMatchObject({ size: 1280, axis: null });
  const data = datasetFromArrays({
    name: "noise",
    shape: [3, 224, 224],
    pixels: Uint8Array.from(noise, (x) => Math.floor(255 * x)),
    labels: [0, 1],
    classNames: ["a", "b"],
  });
  const { trained, history } = await fit(withNewHead(model, { classNames: data.classNames }), data, {
    transforms: rotation({ degrees: [15] }),
    epochs: 2,
    batchSize: 2,
    onNote: () => undefined,
  });
  expect(trained).toEqual(["head.weight", "head.bias"]);
  const losses = history.filter(({ kind }) => kind === "epoch").map(({ loss }) => loss);
  expect(losses[1]).toBeLessThan(losses[0]);
});

import { mkdir, mkdtemp, readFile, readdir, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { imagesFor, randomizeWeights, useCpuBackend, valuesOf } from "../../test/tfjs-model.ts";
import { AlignregError } from "../tensor/index.ts";
import { loadLayersModel, saveLayersModel } from "./layers-model-file.ts";

beforeAll(useCpuBackend);

const folder = () => mkdtemp(join(tmpdir(), "alignreg-"));

function tiny(seed = 1): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [5, 5, 1], filters: 2, kernelSize: 3, name: "conv", trainable: false }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: "softmax", name: "head" }),
    ],
  });
  randomizeWeights(model, seed);
  return model;
}

test("a model comes back as it was: outputs, names, what trains", async () => {
  const path = await folder();
  const model = tiny();
  await saveLayersModel(model, join(path, "new", "folder"));
  const loaded = await loadLayersModel(join(path, "new", "folder", "model.json"));
  const images = imagesFor(model, 4);
  const outputs = await Promise.all([model, loaded].map((m) => valuesOf(m.predict(images) as tf.Tensor)));
  expect(outputs[1]).toEqual(outputs[0]);
  expect(loaded.weights.map((w) => w.originalName)).toEqual(model.weights.map((w) => w.originalName));
  expect(loaded.getLayer("conv").trainable).toBe(false);
});

test("TensorFlow.js reads what is written, and what it writes in several files is read", async () => {
  const path = await folder();
  const model = tiny();
  await saveLayersModel(model, path);
  const { weightsManifest, ...rest } = JSON.parse(
    await readFile(join(path, "model.json"), "utf8"),
  ) as tf.io.ModelJSON;
  const [{ paths, weights }] = weightsManifest;
  const bytes = await readFile(join(path, paths[0]));
  const weightData = Uint8Array.from(bytes).buffer;
  const own = await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology: rest.modelTopology, weightSpecs: weights, weightData }),
  );
  expect(await valuesOf(own.weights[0].read())).toEqual(await valuesOf(model.weights[0].read()));

  // Two shards that cut a weight in half, as the converter's 4 MB shards do.
  await writeFile(join(path, "group1-shard1of2.bin"), bytes.subarray(0, 10));
  await writeFile(join(path, "group1-shard2of2.bin"), bytes.subarray(10));
  const sharded = [{ paths: ["group1-shard1of2.bin", "group1-shard2of2.bin"], weights }];
  await writeFile(join(path, "sharded.json"), JSON.stringify({ ...rest, weightsManifest: sharded }));
  const loaded = await loadLayersModel(join(path, "sharded.json"));
  expect(await valuesOf(loaded.weights[0].read())).toEqual(await valuesOf(model.weights[0].read()));
});

test("what a page downloads is read: TensorFlow.js names its weights as ./model.weights.bin", async () => {
  const path = await folder();
  const model = tiny();
  await saveLayersModel(model, path);
  const json = JSON.parse(await readFile(join(path, "model.json"), "utf8")) as tf.io.ModelJSON;
  const [{ paths, weights }] = json.weightsManifest;
  await writeFile(join(path, "model.weights.bin"), await readFile(join(path, paths[0])));
  const weightsManifest = [{ paths: ["./model.weights.bin"], weights }];
  await writeFile(join(path, "downloaded.json"), JSON.stringify({ ...json, weightsManifest }));
  const loaded = await loadLayersModel(join(path, "downloaded.json"));
  expect(await valuesOf(loaded.weights[0].read())).toEqual(await valuesOf(model.weights[0].read()));
});

test("saving again replaces the weights and leaves no old ones behind", async () => {
  const path = await folder();
  await saveLayersModel(tiny(1), path);
  const first = await readdir(path);
  await saveLayersModel(tiny(2), path);
  const second = await readdir(path);
  expect(second).toHaveLength(2);
  expect(second.sort()).not.toEqual(first.sort());
  const loaded = await loadLayersModel(join(path, "model.json"));
  expect(await valuesOf(loaded.weights[0].read())).toEqual(await valuesOf(tiny(2).weights[0].read()));
});

describe("what cannot be read", () => {
  const json = (path: string, content: unknown) =>
    writeFile(join(path, "model.json"), JSON.stringify(content));
  const weightsIn = (paths: string[]) => ({
    modelTopology: {},
    weightsManifest: [{ paths, weights: [{ name: "w", shape: [2], dtype: "float32" }] }],
  });
  const cases: [string, (path: string) => Promise<void>, RegExp][] = [
    ["no file", async () => {}, /Cannot read .*model\.json.*ENOENT/],
    ["no JSON", (path) => writeFile(join(path, "model.json"), "{"), /is no JSON/],
    [
      "a graph model",
      (path) => json(path, { modelTopology: { node: [] }, weightsManifest: [] }),
      /graph model.*tfjs_layers_model/,
    ],
    ["something else", (path) => json(path, { name: "package" }), /no modelTopology/],
    [
      "a missing weight file",
      async (path) => {
        await saveLayersModel(tiny(), path);
        const [shard] = (await readdir(path)).filter((name) => name.endsWith(".bin"));
        const text = await readFile(join(path, "model.json"), "utf8");
        await writeFile(join(path, "model.json"), text.replace(shard, "lost.bin"));
      },
      /lost\.bin", which cannot be read: ENOENT/,
    ],
    [
      "weights that are cut off",
      async (path) => {
        await saveLayersModel(tiny(), path);
        const [shard] = (await readdir(path)).filter((name) => name.endsWith(".bin"));
        await truncate(join(path, shard), 100);
      },
      /weights-\w+\.bin", have 100 bytes; its weights need \d+\. They are cut off/,
    ],
    [
      "weights outside the folder",
      (path) => json(path, weightsIn(["../../etc/passwd"])),
      /names the file "..\/..\/etc\/passwd"; only files inside/,
    ],
    [
      "a link that leads out of the folder",
      async (path) => {
        await json(path, weightsIn(["link.bin"]));
        await symlink("/etc/passwd", join(path, "link.bin"));
      },
      /passwd", .*outside the model's folder|link\.bin", .*outside the model's folder/,
    ],
    [
      "a folder link that leads out of the folder",
      async (path) => {
        await json(path, weightsIn(["etc/passwd"]));
        await symlink("/etc", join(path, "etc"));
      },
      /passwd", .*outside the model's folder|link\.bin", .*outside the model's folder/,
    ],
    [
      "a device without an end",
      async (path) => {
        await json(path, weightsIn(["zero.bin"]));
        await symlink("/dev/zero", join(path, "zero.bin"));
      },
      /zero\.bin", .*outside the model's folder, to \/dev\/zero/,
    ],
    [
      "a folder for a file",
      async (path) => {
        await json(path, weightsIn(["weights.bin"]));
        await mkdir(join(path, "weights.bin"));
      },
      /weights\.bin", .*it is a folder/,
    ],
  ];
  test.each(cases)("%s", async (_, prepare, message) => {
    const path = await folder();
    await prepare(path);
    const attempt = loadLayersModel(join(path, "model.json"));
    await expect(attempt).rejects.toThrow(AlignregError);
    await expect(attempt).rejects.toThrow(message);
  });
});

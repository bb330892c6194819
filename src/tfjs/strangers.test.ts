/** Models as people bring them: endings, names, places and copies of TensorFlow.js that are not ours. */
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  convertedLogits,
  imagesFor,
  randomizeWeights,
  useCpuBackend,
  valuesOf,
} from "../../test/tfjs-model.ts";
import { UsageError, random } from "../tensor/index.ts";
import { datasetFromTensors } from "./dataset-from-tensors.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";
import { loadLayersModel, saveLayersModel } from "./layers-model-file.ts";
import { toClassifier } from "./to-classifier.ts";
import { worstCase } from "./worst-case.ts";

beforeAll(useCpuBackend);

const { layers } = tf;
const image = { inputShape: [6, 5, 2] };
const CLASSES = 4;
const quiet = { onNote: () => {} };

/** [6, 5, 2] -> `units` numbers, in whatever way the last layers make of them. */
function ending(last: tf.layers.Layer[], units = CLASSES): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      layers.conv2d({ ...image, filters: 3, kernelSize: 3, activation: "relu", name: "conv" }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units, name: "preds" }),
      ...last,
    ],
  });
  randomizeWeights(model);
  return model;
}

const logitsBehind = (model: tf.LayersModel, images: tf.Tensor) =>
  valuesOf(
    tf
      .model({
        inputs: model.inputs,
        outputs: model.getLayer("preds").output,
      })
      .predict(images) as tf.Tensor,
  );

async function data(images: tf.Tensor4D, classes = CLASSES) {
  const labels = tf.tensor1d(
    Array.from({ length: images.shape[0] }, (_, i) => i % classes),
    "int32",
  );
  return { labels, set: await datasetFromTensors({ images, labels }) };
}

const softmax = () => layers.activation({ activation: "softmax" });
const reshape = (...targetShape: number[]) => layers.reshape({ targetShape });

describe("the logits are found", () => {
  // The last layers of MobileNet v1 in tfjs-models are a softmax and a Reshape.
  const endings: [string, () => tf.layers.Layer[]][] = [
    ["Activation, Reshape", () => [reshape(1, 1, CLASSES), softmax(), reshape(CLASSES)]],
    ["Softmax, Flatten", () => [reshape(1, CLASSES), layers.softmax({ axis: -1 }), layers.flatten()]],
    ["softmax of [N, 1, 1, C]", () => [reshape(1, 1, CLASSES), softmax()]],
    ["[N, 1, C]", () => [reshape(1, CLASSES)]],
    [
      "Permute behind softmax",
      () => [softmax(), reshape(CLASSES, 1, 1), layers.permute({ dims: [3, 1, 2] })],
    ],
    [
      "logSoftmax, Reshape",
      () => [layers.activation({ activation: "logSoftmax" as "softmax" }), reshape(1, CLASSES)],
    ],
    ["linear behind softmax", () => [softmax(), layers.activation({ activation: "linear" })]],
  ];
  test.each(endings)("%s", async (_, last) => {
    const model = ending(last());
    const images = imagesFor(model, 3);
    expect(await convertedLogits(model, images)).toBeAllClose(await logitsBehind(model, images), {
      atol: 1e-6,
    });
    expect((await toClassifier(model)).notes).toBeUndefined();
    expect((await toClassifier(model)).graph.outputs[0].shape).toEqual(["N", CLASSES]);
  });

  test.each(endings.slice(0, 5))("worstCase reads its probabilities: %s", async (_, last) => {
    const [ends, plain] = [ending(last()), ending([])];
    const images = imagesFor(ends, 6);
    const { labels } = await data(images);
    const views = [7, 8].map((seed) => imagesFor(ends, 6, random(seed, "views")));
    const worst = await Promise.all([ends, plain].map((m) => valuesOf(worstCase(m, images, labels, views))));
    expect(worst[0]).toEqual(worst[1]);
  });

  test("one sigmoid unit is two classes: 0 and the unit's logit; training is binary cross-entropy", async () => {
    for (const last of [
      [layers.activation({ activation: "sigmoid" })],
      [reshape(1, 1), layers.activation({ activation: "sigmoid" }), reshape(1)],
    ]) {
      const model = ending(last, 1);
      const images = tf.div<tf.Tensor4D>(tf.round(tf.mul(imagesFor(model, 6), 255)), 255);
      const unit = await logitsBehind(model, images);
      expect(await convertedLogits(model, images)).toBeAllClose(
        [...unit].flatMap((z) => [0, z]),
        { atol: 1e-6 },
      );
      const { labels, set } = await data(images, 2);
      const own = ending([layers.activation({ activation: "sigmoid" })], 1);
      own.compile({ optimizer: tf.train.sgd(0.1), loss: "binaryCrossentropy" });
      await own.fit(images, labels.reshape([6, 1]), { batchSize: 6, epochs: 1, shuffle: false, verbose: 0 });
      const options = {
        method: "base",
        optimizer: "sgd",
        optimizerOptions: { momentum: 0 },
        batchSize: 6,
        epochs: 1,
      } as const;
      const { notes } = await fit(model, set, { ...options, ...quiet, learningRate: 0.1 });
      expect(notes.join()).toMatch(/one sigmoid unit: it is taken for two classes/);
      for (const [i, weight] of model.getWeights().entries())
        expect(await valuesOf(weight)).toBeAllClose(await valuesOf(own.getWeights()[i]), { atol: 2e-6 });
    }
  });

  test("what is no classifier is told so", async () => {
    const refused: [tf.LayersModel, RegExp][] = [
      [ending([layers.activation({ activation: "sigmoid" }), reshape(1, CLASSES)]), /ends in a sigmoid/],
      [ending([], 1), /one number for an image/],
      [ending([reshape(2, 2)]), /gives \[N, 2,2\]/],
      [{ predict: () => null } as unknown as tf.LayersModel, /takes a tf\.LayersModel/],
    ];
    for (const [model, message] of refused) {
      await expect(toClassifier(model)).rejects.toThrow(UsageError);
      await expect(toClassifier(model)).rejects.toThrow(message);
    }
    const images = imagesFor(refused[0][0], 2);
    expect(() => worstCase(refused[0][0], images, tf.zeros<tf.Rank.R1>([2]), [images])).toThrow(
      /ends in a sigmoid/,
    );
  });

  test("probabilities that leave no logits behind are noted", async () => {
    const input = tf.input({ shape: image.inputShape });
    const pooled = layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
    const heads = [1, 2].map(
      () => layers.dense({ units: CLASSES, activation: "softmax" }).apply(pooled) as tf.SymbolicTensor,
    );
    const outputs = layers.average().apply(heads) as tf.SymbolicTensor;
    const { notes } = await toClassifier(tf.model({ inputs: input, outputs }));
    expect(notes?.join()).toMatch(/joined from those of a softmax/);
    // A gate is none of this.
    const gate = layers.dense({ units: 2, activation: "softmax" }).apply(pooled) as tf.SymbolicTensor;
    const gated = layers.multiply().apply([pooled, gate]) as tf.SymbolicTensor;
    expect((await toClassifier(tf.model({ inputs: input, outputs: gated }))).notes).toBeUndefined();
  });
});

/** Another copy, which shares no class with the one that is imported here. */
function otherCopy(): typeof tf {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const other = createRequire(import.meta.url)("@tensorflow/tfjs/dist/tf.min.js") as typeof tf;
  vi.restoreAllMocks();
  return other;
}

test("a model of a second copy of TensorFlow.js is trained, tested, saved and loaded", async () => {
  const other = otherCopy();
  // TensorFlow.js refuses two variables of one name, and numbers the names of each copy apart.
  const build = (lib: typeof tf, name: string) => {
    const inner = lib.sequential({
      layers: [
        lib.layers.conv2d({
          ...image,
          filters: 3,
          kernelSize: 3,
          kernelRegularizer: lib.regularizers.l2({ l2: 0.1 }),
          name: `${name}_conv`,
        }),
        lib.layers.batchNormalization({ name: `${name}_norm` }),
      ],
    });
    const model = lib.sequential({
      layers: [
        inner,
        lib.layers.flatten(),
        lib.layers.dense({ units: CLASSES, activation: "softmax", name: `${name}_head` }),
      ],
    });
    randomizeWeights(model);
    return model;
  };
  const [theirs, ours] = [build(other, "theirs"), build(tf, "ours")];
  expect(theirs instanceof tf.LayersModel).toBe(false);
  const images = imagesFor(ours, 8);
  const { labels, set } = await data(images);
  const theirSet = await datasetFromTensors({
    images: other.tensor4d(await valuesOf(images), [8, 6, 5, 2]),
    labels: other.tensor1d(await labels.data(), "int32"),
  });
  expect(theirSet.hash).toBe(set.hash);
  const options = { ...quiet, optimizer: "sgd", batchSize: 8, epochs: 2 } as const;
  const before = await valuesOf(theirs.getWeights()[0]);
  await fit(theirs, theirSet, options);
  await fit(ours, set, options);
  for (const [i, weight] of theirs.getWeights().entries())
    expect(await valuesOf(weight)).toEqual(await valuesOf(ours.getWeights()[i]));
  expect(await valuesOf(theirs.getWeights()[0])).not.toEqual(before);
  const [a, b] = [await evaluate(theirs, set, quiet), await evaluate(ours, set, quiet)];
  expect(a.cleanAccuracy).toEqual(b.cleanAccuracy);
  const worst = await Promise.all(
    [theirs, ours].map((m) => valuesOf(worstCase(m, images, labels, [imagesFor(ours, 8)]))),
  );
  expect(worst[0]).toEqual(worst[1]);

  const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
  await saveLayersModel(theirs, folder);
  await expect(loadLayersModel(folder)).rejects.toThrow(
    /already registered.*another copy of TensorFlow\.js/s,
  );
  const expected = await valuesOf(theirs.predict(images) as tf.Tensor);
  theirs.dispose();
  const loaded = await loadLayersModel(folder);
  expect(await valuesOf(loaded.predict(images) as tf.Tensor)).toEqual(expected);
});

test("a layer of one's own that is made of layers is no model", async () => {
  class Block extends tf.layers.Layer {
    static readonly className = "Block";
    readonly layers = [layers.reLU()];
    override call(x: tf.Tensor | tf.Tensor[]) {
      return this.layers[0].apply(x) as tf.Tensor;
    }
  }
  const model = tf.sequential({ layers: [layers.flatten(image), layers.dense({ units: 3 }), new Block({})] });
  await expect(toClassifier(model)).rejects.toThrow(/\(Block\): this kind of layer is not supported/);
});

describe("augmentation layers", () => {
  /** As Keras saves them: TensorFlow.js knows neither. */
  async function savedWithAugmentation(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    const model = ending([softmax()]);
    await saveLayersModel(model, folder);
    const path = join(folder, "model.json");
    const json = JSON.parse(await readFile(path, "utf8")) as {
      modelTopology: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } };
    };
    const list = json.modelTopology.config.layers;
    const { batch_input_shape } = list[0].config;
    list.unshift(
      {
        class_name: "RandomFlip",
        config: {
          name: "flip",
          trainable: true,
          dtype: "float32",
          batch_input_shape,
          mode: "horizontal",
          seed: null,
        },
      },
      { class_name: "RandomContrast", config: { name: "contrast", trainable: true, factor: 0.2 } },
    );
    await writeFile(path, JSON.stringify(json));
    return path;
  }

  test("are read, hand on their input in tests, and are left out of training with a note", async () => {
    const path = await savedWithAugmentation();
    const said: string[] = [];
    const model = await loadLayersModel(path, { onNote: (note) => said.push(note) });
    expect(said.map((note) => note.slice(0, 40))).toEqual([
      "TensorFlow.js has no layer RandomFlip: i",
      "TensorFlow.js has no layer RandomContras",
    ]);
    const images = imagesFor(model, 8);
    const plain = ending([softmax()]);
    expect(await valuesOf(model.predict(images) as tf.Tensor)).toEqual(
      await valuesOf(plain.predict(images) as tf.Tensor),
    );
    expect(await convertedLogits(model, images)).toEqual(await convertedLogits(plain, images));
    const { set } = await data(images);
    const options = { ...quiet, batchSize: 8 };
    const { notes } = await fit(model, set, options);
    await fit(plain, set, options);
    expect(notes.join()).toMatch(/left out of it here: "flip" \(RandomFlip\), "contrast" \(RandomContrast\)/);
    for (const [i, weight] of model.getWeights().entries())
      expect(await valuesOf(weight)).toEqual(await valuesOf(plain.getWeights()[i]));
    expect((await evaluate(model, set, quiet)).notes.join()).not.toMatch(/left out/);

    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    await saveLayersModel(model, folder);
    const again = await loadLayersModel(folder, quiet);
    expect(again.getLayer("flip").getConfig()).toMatchObject({ mode: "horizontal" });
  });

  test("do not hide that a model takes bytes", async () => {
    const model = tf.sequential({
      layers: [
        layers.gaussianNoise({ ...image, stddev: 1 }),
        layers.zeroPadding2d({ padding: 1 }),
        layers.rescaling({ scale: 1 / 255, name: "bytes" }),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
    });
    await expect(toClassifier(model)).rejects.toThrow(
      /"bytes" \(Rescaling\): it expects pixels from 0 to 255/,
    );
  });
});

describe("saved models", () => {
  test("by folder, file: URL as text or object, and path", async () => {
    const folder = join(await mkdtemp(join(tmpdir(), "alignreg-")), "a model");
    const model = ending([]);
    await saveLayersModel(model, folder);
    const url = pathToFileURL(join(folder, "model.json"));
    for (const source of [
      folder,
      `${folder}/`,
      url,
      url.href,
      pathToFileURL(folder),
      join(folder, "model.json"),
    ]) {
      const loaded = await loadLayersModel(source);
      expect(await valuesOf(loaded.getWeights()[0])).toEqual(await valuesOf(model.getWeights()[0]));
    }
    await expect(loadLayersModel("file://elsewhere/model.json")).rejects.toThrow(UsageError);
    await mkdir(join(folder, "empty"));
    await expect(loadLayersModel(join(folder, "empty"))).rejects.toThrow(/Cannot read .*empty.model\.json/);
  });

  const namings: [string, (name: string) => string][] = [
    ["a model's name before them", (name) => `model/${name}`],
    ["two", (name) => `outer/model/${name}:0`],
    ["Python's numbers behind them", (name) => `${name}:0`],
    ["a cell's name inside", (name) => name.replace("/", "/dense/") + ":0"],
  ];
  test.each(namings)("names of weights with %s", async (_, rename) => {
    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    const model = tf.sequential({
      layers: [
        layers.flatten(image),
        layers.dense({ units: 3, name: "dense" }),
        layers.dense({ units: 3, name: "dense_1" }),
        layers.dense({ units: CLASSES, name: "head" }),
      ],
    });
    randomizeWeights(model);
    await saveLayersModel(model, folder);
    const path = join(folder, "model.json");
    const json = JSON.parse(await readFile(path, "utf8")) as tf.io.ModelJSON;
    for (const spec of json.weightsManifest[0].weights) spec.name = rename(spec.name);
    await writeFile(path, JSON.stringify(json));
    const loaded = await loadLayersModel(folder);
    for (const [i, weight] of model.getWeights().entries())
      expect(await valuesOf(loaded.getWeights()[i])).toEqual(await valuesOf(weight));
  });

  test("names that are no others' stay an error", async () => {
    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    await saveLayersModel(ending([]), folder);
    const path = join(folder, "model.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll("preds/kernel", "other/kernel"));
    await expect(loadLayersModel(folder)).rejects.toThrow(/cannot load.*other\/kernel/);
  });

  test("a depthwise layer's regularizer, which TensorFlow.js cannot read back", async () => {
    const model = tf.sequential({
      layers: [
        layers.depthwiseConv2d({
          ...image,
          kernelSize: 3,
          depthwiseRegularizer: tf.regularizers.l2({ l2: 0.5 }),
          name: "each",
        }),
        layers.globalAveragePooling2d({}),
      ],
    });
    const folder = await mkdtemp(join(tmpdir(), "alignreg-"));
    await saveLayersModel(model, folder);
    const { penalties } = await toClassifier(await loadLayersModel(folder));
    expect(penalties).toEqual([{ weight: "each/depthwise_kernel", l1: 0, l2: 0.5 }]);
  });
});

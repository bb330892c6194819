/** Keras' files and TensorFlow.js folders in, trained, tested, and home again. */
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { type FitOptions, evaluate, fit, loadClassifier, saveClassifier } from "../src/api/index.ts";
import { importKeras, kerasFile, layersFiles } from "../src/browser.ts";
import type { Classifier } from "../src/models/index.ts";
import { UsageError } from "../src/tensor/index.ts";
import { rotation } from "../src/augment/index.ts";
import { kerasFixture, noisyLevels, sequentialForms } from "./keras-case.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-keras-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);

const data = noisyLevels([1, 12, 12], 5, 40);
const quick: FitOptions = {
  transforms: rotation({ degrees: [30] }),
  epochs: 1,
  batchSize: 20,
  threads: 1,
  onNote: () => undefined,
};

const numbersOf = ({ graph }: Classifier) => [...graph.initializers].map(([name, { data }]) => [name, data]);

/** Where a form is saved to, and what is read there again. */
const placeOf = (form: string): string => {
  if (form.endsWith(".tfjs")) return inFolder("home", form, "model.json");
  return inFolder("home", form.replace("keras2.h5", "2.h5").replaceAll(/[^\w.]/g, ""));
};

describe.each(sequentialForms)("%s", (form) => {
  const path = kerasFixture(form);

  test("is trained, and saved in its own form with the trained weights", async () => {
    const { model, trained } = await fit(path, data, quick);
    expect(trained).toHaveLength(9);
    const place = placeOf(form);
    cpSync(kerasFixture("sequential.json"), inFolder("home", "sequential.json"));
    await saveClassifier(model, place);
    const again = await loadClassifier(place);
    const before = await loadClassifier(path);
    expect(numbersOf(again)).toEqual(numbersOf(model));
    expect(numbersOf(again)).not.toEqual(numbersOf(before));
    expect(again.origin?.format).toBe(model.origin?.format);
    // All that is no weight stays where it was.
    if (form.endsWith(".keras")) expect(statSync(place).size).toBe(statSync(path).size);
  });

  test("is tested from its file as the classifier in memory is", async () => {
    const options = { transforms: rotation({ degrees: [30] }), threads: 1, onNote: () => undefined };
    const read = await loadClassifier(path);
    const ofFile = await evaluate(path, data, options);
    const ofClassifier = await evaluate(read, data, options);
    const scores = ({ cleanAccuracy, robustAccuracy, alignmentGap }: typeof ofFile) => [
      cleanAccuracy,
      robustAccuracy,
      alignmentGap,
    ];
    expect(scores(ofFile)).toEqual(scores(ofClassifier));
    expect(ofFile.manifest.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    // It is a model from outside: what was assumed of it is said.
    expect(ofFile.notes.join("\n")).toMatch(/does not say what its images are normalised by/);
    expect(ofFile.notes.join("\n")).toMatch(/order/);
  });
});

describe("what a file is", () => {
  test.each([
    ["sequential.keras", "called.onnx", "keras"],
    ["sequential.keras", "called.h5", "keras"],
    ["sequential.h5", "called.keras", "h5"],
  ])("%s under the name %s is seen by its bytes", async (form, name, format) => {
    copyFileSync(kerasFixture(form), inFolder(name));
    expect((await loadClassifier(inFolder(name))).origin?.format).toBe(format);
  });

  test("bytes are as good as a path", async () => {
    const bytes = readFileSync(kerasFixture("sequential.keras"));
    const [a, b] = [await loadClassifier(bytes), await loadClassifier(kerasFixture("sequential.keras"))];
    expect(numbersOf(a)).toEqual(numbersOf(b));
  });

  test("a folder is as good as its model.json, under any name", async () => {
    cpSync(kerasFixture("sequential.keras2.tfjs"), inFolder("tfjs"), { recursive: true });
    copyFileSync(inFolder("tfjs", "model.json"), inFolder("tfjs", "my-net.json"));
    const read = await Promise.all(
      [inFolder("tfjs"), inFolder("tfjs", "model.json"), inFolder("tfjs", "my-net.json")].map((path) =>
        loadClassifier(path),
      ),
    );
    expect(numbersOf(read[1])).toEqual(numbersOf(read[0]));
    expect(numbersOf(read[2])).toEqual(numbersOf(read[0]));
  });

  test("a model.json alone, as bytes, lacks its weights", async () => {
    const bytes = readFileSync(kerasFixture("sequential.keras2.tfjs/model.json"));
    await expect(loadClassifier(bytes)).rejects.toThrow(
      /model\.json needs its files of weights: give the path/,
    );
  });

  test("weights outside the folder are not read", async () => {
    cpSync(kerasFixture("sequential.keras2.tfjs"), inFolder("outside"), { recursive: true });
    const place = inFolder("outside", "model.json");
    const text = readFileSync(place, "utf8");
    for (const elsewhere of ["../tfjs/group1-shard1of1.bin", inFolder("tfjs", "group1-shard1of1.bin")]) {
      writeFileSync(place, text.replace("group1-shard1of1.bin", elsewhere));
      await expect(loadClassifier(inFolder("outside"))).rejects.toThrow(/outside|inside/);
    }
  });
});

describe("home", () => {
  test("an ONNX file keeps the weights, and finds home by the file that it was made of", async () => {
    const { model } = await fit(kerasFixture("sequential.keras"), data, quick);
    await saveClassifier(model, inFolder("direct.keras"));
    await saveClassifier(model, inFolder("trained.onnx"));
    const read = await loadClassifier(inFolder("trained.onnx"));
    const home = inFolder("home.keras");
    await expect(saveClassifier(read, home)).rejects.toThrow(/came from no Keras file.*give like/);
    await saveClassifier(read, home, {}, { like: kerasFixture("sequential.keras") });
    expect(readFileSync(home)).toEqual(readFileSync(inFolder("direct.keras")));
    const other = saveClassifier(read, home, {}, { like: kerasFixture("residual.keras") });
    await expect(other).rejects.toThrow(
      /like: .*residual\.keras has ".*the classifier has none of that name/,
    );
    const noKeras = saveClassifier(read, home, {}, { like: inFolder("trained.onnx") });
    await expect(noKeras).rejects.toThrow(/is no Keras file/);
  });

  test("another form than a model's own is an error that says which it has", async () => {
    const [ofKeras, ofH5] = await Promise.all(
      ["sequential.keras", "sequential.h5"].map((name) => loadClassifier(kerasFixture(name))),
    );
    await expect(saveClassifier(ofKeras, inFolder("x.h5"))).rejects.toThrow(/ends in \.keras, or in \.onnx/);
    await expect(saveClassifier(ofH5, inFolder("x.keras"))).rejects.toThrow(/ends in \.h5, or in \.onnx/);
    await expect(saveClassifier(ofH5, inFolder("model.json"))).rejects.toThrow(UsageError);
    const withMetadata = saveClassifier(ofKeras, inFolder("x.keras"), { made: "today" });
    await expect(withMetadata).rejects.toThrow(/no place for metadata/);
    const withLike = saveClassifier(ofKeras, inFolder("x.onnx"), {}, { like: "net.keras" });
    await expect(withLike).rejects.toThrow(/like is for \.keras/);
    expect(readdirSync(folder).filter((name) => /^(x\.|model\.json)/.test(name))).toEqual([]);
  });

  test("two trainings give the same bytes", async () => {
    const files = await Promise.all(
      ["a.keras", "b.keras"].map(async (name) => {
        const { model } = await fit(kerasFixture("sequential.keras"), data, quick);
        await saveClassifier(model, inFolder(name));
        return readFileSync(inFolder(name));
      }),
    );
    expect(files[1]).toEqual(files[0]);
  });
});

describe("what trains", () => {
  test("layers that the file says are frozen stay, statistics and all, bit for bit", async () => {
    const frozen = noisyLevels([2, 10, 10], 3, 30);
    const path = kerasFixture("frozen-layers.keras");
    const { model, trained, notes } = await fit(path, frozen, quick);
    expect(notes.join("\n")).toMatch(
      /2 of 5 layers with weights stay as they are.*trainable = False.*"conv2d", "batch_normalization"\./,
    );
    const before = (await loadClassifier(path)).graph.initializers;
    const moved = [...model.graph.initializers].filter(([name, { data }]) => {
      const old = before.get(name)!.data;
      return data.some((value, i) => value !== old[i]);
    });
    const names = moved.map(([name]) => name);
    expect(names.filter((name) => /^(conv2d|batch_normalization)\//.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(trained as string[]));
    expect(names.some((name) => name.includes("moving_mean"))).toBe(true);
  });

  test("a choice by layers or by names", async () => {
    const train = async (trainable: FitOptions["trainable"]) =>
      (await fit(kerasFixture("sequential.keras"), data, { ...quick, trainable })).trained;
    expect(await train({ last: 1 })).toEqual(["classes/kernel", "classes/bias"]);
    expect(await train(["first_conv/*"])).toEqual(["first_conv/kernel", "first_conv/bias"]);
  });

  test("what Keras would train otherwise is tested, and not trained", async () => {
    const entries = unzipSync(readFileSync(kerasFixture("rescaling.keras")));
    const config = strFromU8(entries["config.json"]).replace('"SpatialDropout2D"', '"GaussianNoise"');
    const path = inFolder("noise.keras");
    writeFileSync(path, zipSync({ ...entries, "config.json": strToU8(config) }, { level: 0 }));
    const images = noisyLevels([3, 11, 11], 3, 9);
    const options = { ...quick, inputRange: 255 };
    await expect(fit(path, images, options)).rejects.toThrow(/train otherwise than in Keras.*GaussianNoise/s);
    expect((await evaluate(path, images, { inputRange: 255, onNote: () => undefined })).samples).toBe(9);
  });
});

describe("pixels and sizes", () => {
  test("a model that takes bytes is fed bytes, or nothing", async () => {
    const images = noisyLevels([3, 11, 11], 3, 9);
    const path = kerasFixture("rescaling.keras");
    await expect(evaluate(path, images)).rejects.toThrow(/takes pixels in \[0, 255\].*inputRange: 255/);
  });

  /** The fixture "frozen", which pools globally, with an Input of open height and width. */
  const openSize = (): Uint8Array => {
    const entries = unzipSync(readFileSync(kerasFixture("mobilenet-v2.keras")));
    const config = strFromU8(entries["config.json"]).replaceAll("[null, 32, 32, 3]", "[null, null, null, 3]");
    return zipSync({ ...entries, "config.json": strToU8(config) }, { level: 0 });
  };

  test("open sizes are those of the data; without any, it is said how to give them", async () => {
    const path = inFolder("open.keras");
    writeFileSync(path, openSize());
    await expect(loadClassifier(path)).rejects.toThrow(/\[None, None, 3\]\. Give imageShape.*--image-size/);
    const read = await loadClassifier(path, { imageShape: [3, 24, 24] });
    expect(read.graph.inputs[0].shape).toEqual(["N", 3, 24, 24]);
    const images = noisyLevels([3, 24, 24], 4, 8);
    const { model } = await fit(path, images, { ...quick, batchSize: 8, trainable: { last: 1 } });
    await saveClassifier(model, inFolder("open-trained.keras"));
    const scores = await evaluate(inFolder("open-trained.keras"), images, { onNote: () => undefined });
    expect(scores.samples).toBe(8);
  });
});

describe("in a page", () => {
  test("bytes in, bytes out", () => {
    const bytes = new Uint8Array(readFileSync(kerasFixture("sequential.keras")));
    const model = importKeras(bytes);
    expect(kerasFile(model)).toEqual(bytes);
    expect(() => layersFiles(model)).toThrow(/came from a \.keras file/);
    expect(() => importKeras("net.keras" as never)).toThrow(/importKeras takes/);
  });

  test("a folder's files in, and out, with the classes that it names", () => {
    const read = (name: string) =>
      new Uint8Array(readFileSync(kerasFixture(join("sequential.keras2.tfjs", name))));
    const labels = ["a", "b", "c", "d", "e"];
    const files = new Map([
      ["model.json", read("model.json")],
      ["group1-shard1of1.bin", read("group1-shard1of1.bin")],
      ["metadata.json", strToU8(JSON.stringify({ labels }))],
    ]);
    const model = importKeras(files);
    expect(model.classNames).toEqual(labels);
    const out = layersFiles(model);
    expect(out.get("group1-shard1of1.bin")).toEqual(files.get("group1-shard1of1.bin"));
    expect(() => kerasFile(model)).toThrow(/came from a TensorFlow\.js folder/);
  });
});

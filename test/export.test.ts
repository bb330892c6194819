/** Classifiers that go out: the files, what is told of them, and what is refused. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestable } from "../src/api/open-testable.ts";
import { exportedFiles } from "../src/api/export/exported-files.ts";
import { exportClassifier, fit, loadClassifier, saveClassifier, saveOrigin } from "../src/api/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { layersInZip } from "../src/keras/archive/index.ts";
import { type Classifier, buildClassifier, cifarCnn, lenet, withNewHead } from "../src/models/index.ts";
import { type GraphBuilder, type Value, readModel } from "../src/onnx/index.ts";
import { UsageError, float32, random } from "../src/tensor/index.ts";
import { loadLayersModel } from "../src/tfjs/index.ts";
import { cliHere } from "./cli-process.ts";
import { teachableFiles } from "./teachable-case.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-export-"));
  await tf.setBackend("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const quiet = { onNote: () => undefined };

type Image = readonly [channels: number, height: number, width: number];

const shape = [3, 32, 32] as const;
const flowers: Classifier = {
  ...withNewHead(cifarCnn({ width: 8 }), {
    classNames: ["rose", "ragged robin", "Tränendes Herz"],
    head: 12,
  }),
  imageShape: shape,
  pictures: { resize: "crop", cropShare: 0.8, interpolation: "bicubic" },
};
const rng = random(3, "pixels");
const bytes = Uint8Array.from({ length: 4 * 3072 }, () => rng.integer(256));

/** Softmax of a classifier's logits for the bytes, [4, classes]. */
async function probabilities(model: Classifier | string, image: Image = shape): Promise<Float32Array> {
  const opened = await openTestable(model, image, { threads: 1 });
  try {
    const data = Float32Array.from(bytes, (x) => x / 255).subarray(0, 4 * image.reduce((a, b) => a * b));
    const logits = await opened.predict({ data, shape: [4, ...image] });
    return tf.tidy(() => tf.softmax(tf.tensor2d(logits, [4, logits.length / 4])).dataSync<"float32">());
  } finally {
    await opened.release();
  }
}

/** [4, H, W, C] of the same bytes. */
const fed = (of: (byte: number) => number, image: Image = shape): tf.Tensor4D => {
  const data = Float32Array.from(bytes, of).subarray(0, 4 * image.reduce((a, b) => a * b));
  return tf.tensor4d(data, [4, image[0], image[1], image[2]]).transpose([0, 2, 3, 1]);
};

const jsonIn = (files: ReadonlyMap<string, Uint8Array>, name: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files.get(name))) as Record<string, unknown>;

const zipFiles = (path: string): ReadonlyMap<string, Uint8Array> => layersInZip(readFileSync(path), path)!;

async function fromFiles(files: ReadonlyMap<string, Uint8Array>): Promise<tf.LayersModel> {
  const { modelTopology, weightsManifest } = jsonIn(files, "model.json") as {
    modelTopology: object;
    weightsManifest: tf.io.WeightsManifestConfig;
  };
  const parts = weightsManifest.flatMap(({ paths }) => paths.map((path) => files.get(path)!));
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: new Uint8Array(Buffer.concat(parts)).buffer,
    }),
  );
}

describe("a folder for TensorFlow.js", () => {
  test("gives the probabilities of the model, says what it takes, and is read back as what it was", async () => {
    const path = at("new/flowers-tfjs");
    const { notes, bytes: size } = await exportClassifier(flowers, path, { to: "tfjs", ...quiet });
    expect(notes).toEqual([]);
    const names = readdirSync(path).sort();
    expect(names).toEqual([
      "classifier.json",
      "metadata.json",
      "model.json",
      expect.stringMatching(/^weights-[0-9a-f]{8}-1of1\.bin$/),
    ]);
    expect(names.reduce((sum, name) => sum + statSync(join(path, name)).size, 0)).toBe(size);
    expect(JSON.parse(readFileSync(join(path, "metadata.json"), "utf8"))).toEqual({
      labels: flowers.classNames,
      imageSize: 32,
      channels: 3,
      pixels: [0, 1],
      pictures: flowers.pictures,
    });
    const model = await loadLayersModel(path);
    const given = model.predict(fed((x) => x / 255)) as tf.Tensor;
    const expected = await probabilities(flowers);
    expect(given.dataSync()).toBeAllClose(expected, { rtol: 0, atol: 1e-5 });
    model.dispose();
    const back = await loadClassifier(path);
    expect(back).toMatchObject({ classNames: flowers.classNames, pictures: flowers.pictures });
    expect(await probabilities(path)).toBeAllClose(expected, { rtol: 0, atol: 1e-5 });
  });

  test("is cut into parts of 4 MiB", () => {
    const wide = buildClassifier("wide", [1, 32, 32], (g, x) =>
      g.matMul(g.op1("Flatten", [x]), g.constant(float32([1024, 1200], new Float32Array(1024 * 1200)))),
    );
    const { files } = exportedFiles(wide, { to: "tfjs" });
    const parts = [...files].filter(([name]) => name.endsWith(".bin"));
    expect(parts.map(([name]) => name.slice(-9))).toEqual(["-1of2.bin", "-2of2.bin"]);
    expect(parts.map(([, part]) => part.length)).toEqual([4 * 2 ** 20, 4 * 1024 * 1200 - 4 * 2 ** 20]);
  });

  test("takes the place of an earlier one, whose weights go; what is not ours stays", async () => {
    const path = at("again");
    await exportClassifier(lenet({ classes: 3 }), path, { to: "tfjs", ...quiet });
    writeFileSync(join(path, "index.html"), "<p>");
    await exportClassifier(flowers, path, { to: "tfjs", ...quiet });
    expect(readdirSync(path).filter((name) => name.endsWith(".bin"))).toHaveLength(1);
    expect(existsSync(join(path, "index.html"))).toBe(true);
    expect((await loadClassifier(path)).classNames).toEqual(flowers.classNames);
  });

  test("takes no other program's place", async () => {
    const path = at("theirs");
    mkdirSync(path);
    for (const [name, content] of await teachableFiles()) writeFileSync(join(path, name), content);
    const call = exportClassifier(flowers, path, { to: "tfjs", ...quiet });
    await expect(call).rejects.toThrow(
      /theirs.model\.json is a model of another program, which is not replaced/,
    );
    await expect(exportClassifier(path, path, { to: "tfjs", ...quiet })).rejects.toThrow(
      /is the model itself/,
    );
  });
});

describe("a zip for Teachable Machine", () => {
  test("is what its library takes: the names, the size of the square, and weights in one file", async () => {
    const path = at("flowers.zip");
    await exportClassifier(flowers, path, { to: "teachable-machine", ...quiet });
    const files = zipFiles(path);
    expect([...files.keys()]).toEqual(["model.json", "weights.bin", "metadata.json"]);
    expect(jsonIn(files, "metadata.json")).toMatchObject({
      packageName: "@teachablemachine/image",
      labels: flowers.classNames,
      // 32 of 40 are the 0.8 of the square that it was trained on.
      imageSize: 40,
      grayscale: false,
    });
    const model = await fromFiles(files);
    expect(model.inputs[0].shape).toEqual([null, 40, 40, 3]);
    const around = tf.pad(
      fed((x) => x / 127 - 1),
      [
        [0, 0],
        [4, 4],
        [4, 4],
        [0, 0],
      ],
      9,
    );
    const given = model.predict(around) as tf.Tensor;
    expect(given.dataSync()).toBeAllClose(await probabilities(flowers), { rtol: 0, atol: 1e-5 });
    model.dispose();
  });

  test("says what the library does otherwise than training did", () => {
    const stretched = { ...flowers, pictures: { resize: "stretch" } as const };
    const { files, notes } = exportedFiles(stretched, { to: "teachable-machine" });
    expect(jsonIn(files, "metadata.json")).toMatchObject({ imageSize: 32 });
    expect(notes.join()).toMatch(/was trained on whole pictures, stretched; .* feeds their middle square/);
    expect(notes.join()).toMatch(
      /is fed 32×32 pixels, .* ml5 .* stretched to 224×224, and cannot use this one\./,
    );
  });

  test("of a model of Teachable Machine's, trained on, has its own layers again", async () => {
    const zip = at("theirs.zip");
    writeFileSync(zip, zipSync(Object.fromEntries(await teachableFiles())));
    const draw = random(0, "noise");
    const data = datasetFromArrays({
      name: "noise",
      shape: [3, 24, 24],
      pixels: Uint8Array.from({ length: 6 * 1728 }, () => draw.integer(256)),
      labels: [0, 1, 0, 1, 0, 1],
      classNames: ["paper", "stone"],
    });
    const { model } = await fit(zip, data, { method: "rwa", epochs: 1, batchSize: 3, ...quiet });
    const path = at("trained.zip");
    await exportClassifier(model, path, { to: "teachable-machine", ...quiet });
    const [before, after] = [zipFiles(zip), zipFiles(path)];
    expect(jsonIn(after, "model.json").modelTopology).toEqual(jsonIn(before, "model.json").modelTopology);
    expect(after.get("weights.bin")).not.toEqual(before.get("weights.bin"));
    expect(jsonIn(after, "metadata.json")).toMatchObject({ labels: ["paper", "stone"], imageSize: 24 });
    const layers = await fromFiles(after);
    const image = [3, 24, 24] as const;
    const given = (layers.predict(fed((x) => x / 127 - 1, image)) as tf.Tensor).dataSync();
    expect(given).toBeAllClose(await probabilities(model, image), { rtol: 0, atol: 1e-5 });
    const warm = exportedFiles({ ...model, temperature: 3 }, { to: "teachable-machine" }).files;
    expect(jsonIn(warm, "model.json").modelTopology).toEqual(jsonIn(before, "model.json").modelTopology);
    const powers = Array.from(given, (p) => p ** (1 / 3));
    const expected = powers.map((p, i) => p / (powers[i - (i % 2)] + powers[i - (i % 2) + 1]));
    const cooled = (await fromFiles(warm)).predict(fed((x) => x / 127 - 1, image)) as tf.Tensor;
    expect(Array.from(cooled.dataSync())).toBeAllClose(expected, { rtol: 0, atol: 1e-5 });
    // The folder of a run, as train leaves it.
    mkdirSync(at("run-of-theirs"));
    await saveClassifier(model, at("run-of-theirs/model.onnx"));
    await saveOrigin(model, at("run-of-theirs"));
    await exportClassifier(at("run-of-theirs"), at("run.zip"), { to: "teachable-machine", ...quiet });
    expect(readFileSync(at("run.zip"))).toEqual(readFileSync(path));
    // Beside another model's folder a model is its own.
    await saveClassifier(flowers, at("run-of-theirs/model.onnx"));
    await exportClassifier(at("run-of-theirs"), at("other.zip"), { to: "teachable-machine", ...quiet });
    expect(jsonIn(zipFiles(at("other.zip")), "metadata.json").labels).toEqual(flowers.classNames);
    // Other names, or a new head: written anew.
    const headed = withNewHead(model, { classNames: ["a", "b", "c"], featureScale: "own" });
    const { files } = exportedFiles(headed, { to: "teachable-machine" });
    const made = await fromFiles(files);
    expect((made.predict(fed((x) => x / 127 - 1, image)) as tf.Tensor).dataSync()).toBeAllClose(
      await probabilities(headed, image),
      { rtol: 0, atol: 1e-5 },
    );
  });

  test.each<[string, Partial<Classifier>, RegExp]>([
    [
      "not square",
      { imageShape: [3, 32, 48] },
      /takes images of 32×48 pixels, and Teachable Machine's are square/,
    ],
    ["of four channels", { imageShape: [4, 32, 32] }, /images of 4 channels, and .* have 3, or 1/],
  ])("refuses images that are %s", (_, facts, message) => {
    const net = { ...buildClassifier("net", facts.imageShape!, (g, x) => ended(g, x)), ...facts };
    expect(() => exportedFiles(net, { to: "teachable-machine" })).toThrow(message);
    expect(exportedFiles(net, { to: "tfjs" }).files.size).toBe(3);
  });
});

const ended = (g: GraphBuilder, x: Value): Value => {
  const flat = g.op1("Flatten", [x]);
  return g.matMul(flat, g.constant(float32([flat.shape[1], 2], new Float32Array(2 * flat.shape[1]))));
};

describe("an ONNX file with large kernels in half precision", () => {
  const big = cifarCnn({ width: 64, classes: 10, seed: 1 });
  test("is about half as large, answers alike, and has the same initializers", async () => {
    const [whole, half] = [at("big.onnx"), at("half.onnx")];
    await saveClassifier(big, whole);
    await exportClassifier(whole, half, { to: "onnx", float16: true, ...quiet });
    expect(statSync(half).size / statSync(whole).size).toBeLessThan(0.55);
    const { initializers } = readModel(readFileSync(half)).graph;
    const stored = [...initializers].map(([name, { dtype }]) => `${name} ${dtype}`);
    expect(stored.filter((text) => text.endsWith("float16")).length).toBeGreaterThan(1);
    const [before, after] = [await loadClassifier(whole), await loadClassifier(half)];
    expect([...after.graph.initializers.keys()].sort()).toEqual([...before.graph.initializers.keys()].sort());
    const [expected, given] = [await probabilities(whole), await probabilities(half)];
    expect(given).toBeAllClose(expected, { rtol: 0, atol: 2e-3 });
    expect(given).not.toEqual(expected);
  });

  test("keeps what no half holds", () => {
    const values = new Float32Array(16_384).fill(1);
    values[5] = 70_000;
    const net = buildClassifier("net", [1, 8, 16], (g, x) =>
      g.matMul(g.op1("Flatten", [x]), g.initializer("w", float32([128, 128], values))),
    );
    const { files, notes } = exportedFiles(net, { to: "onnx", float16: true });
    expect(readModel(files.get("model.onnx")!).graph.initializers.get("w")!.dtype).toBe("float32");
    expect(notes.join()).toMatch(/has no large kernels/);
  });
});

test("classes without names get names, and it is said", () => {
  const named = { ...flowers, classNames: ["rose"] };
  const { files, notes } = exportedFiles(named, { to: "tfjs" });
  expect(jsonIn(files, "metadata.json").labels).toEqual(["rose", "Class 2", "Class 3"]);
  expect(notes.join()).toMatch(/does not name 2 of its 3 classes, .* "Class 2" to "Class 3"/);
});

test("what is missing, or goes with another form, is said", () => {
  const open = buildClassifier("net", [3, 8, 8], ended);
  const [input] = open.graph.inputs;
  const free = { ...open, graph: { ...open.graph, inputs: [{ ...input, shape: ["N", 3, "H", "W"] }] } };
  expect(() => exportedFiles(free, { to: "tfjs" })).toThrow(
    /does not say the size of its images. Give imageShape/,
  );
  const call = (options: object) => () => exportedFiles(open, options as never);
  expect(call({})).toThrow(/needs to: one of tfjs, teachable-machine, onnx/);
  expect(call({ format: "tfjs" })).toThrow(/no option "format"\. Did you mean "to"\?/);
  expect(call({ to: "tflite" })).toThrow(UsageError);
  expect(call({ to: "tfjs", float16: true })).toThrow(/float16 is for ONNX files/);
});

describe("alignreg export", () => {
  test("writes a folder, a zip or a file, named for the model where nothing else is said", async () => {
    const model = at("runs/flowers");
    mkdirSync(model, { recursive: true });
    await saveClassifier(flowers, join(model, "model.onnx"));
    const here = process.cwd();
    process.chdir(folder);
    try {
      for (const [to, name] of [
        ["tfjs", "flowers-tfjs"],
        ["teachable-machine", "flowers-teachable-machine.zip"],
        ["onnx", "flowers-export.onnx"],
      ]) {
        const { code, stdout, stderr } = await cliHere("export", model, "--to", to);
        expect(code, stderr).toBe(0);
        expect(stdout).toMatch(new RegExp(`^Written: ${name} \\([\\d.]+ [kM]B\\)\n$`));
        expect(existsSync(at(name))).toBe(true);
      }
    } finally {
      process.chdir(here);
    }
  });

  test("names an operator that no layer computes, and writes nothing", async () => {
    const model = at("sine.onnx");
    await saveClassifier(
      buildClassifier("sine", [3, 8, 8], (g, x) => ended(g, g.op1("Sin", [x]))),
      model,
    );
    const { code, stderr } = await cliHere("export", model, "--to", "tfjs", "--out", at("sine"));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: Sin node .* cannot be written as a layer of TensorFlow\.js: there is no layer/m,
    );
    expect(existsSync(at("sine"))).toBe(false);
  });

  test("tests both on data that is given", async () => {
    const model = at("digits.onnx");
    await saveClassifier(lenet(), model);
    const out = at("digits-half.onnx");
    const data = ["--data", "mnist", "--limit", "40", "--transforms", "rotation:30"];
    const { code, stdout, stderr } = await cliHere(
      "export",
      model,
      "--to",
      "onnx",
      "--float16",
      "--out",
      out,
      ...data,
    );
    expect(code, stderr).toBe(0);
    const rows = stdout.split("\n").filter((line) => line.includes(".onnx ") && !line.startsWith("Written"));
    expect(rows).toHaveLength(2);
    const [before, after] = rows.map((row) => row.split("│").slice(2));
    expect(before).toEqual(after);
    expect(stderr).toMatch(/Testing .*digits\.onnx on 40 images.*\n(.*\n)*Testing .*digits-half\.onnx/);
  });

  test("takes names, sizes and pixels that the file does not state", async () => {
    const model = at("plain.onnx");
    await saveClassifier(buildClassifier("plain", [3, 8, 8], ended), model);
    writeFileSync(at("names.txt"), "left\nright\n");
    const stated = ["--class-map", at("names.txt"), "--mean", "0.4,0.5,0.6", "--std", "0.2,0.2,0.2"];
    const { code, stderr } = await cliHere("export", model, "--to", "tfjs", "--out", at("plain"), ...stated);
    expect(code, stderr).toBe(0);
    expect((await loadClassifier(at("plain"))).classNames).toEqual(["left", "right"]);
    const json = readFileSync(join(at("plain"), "model.json"), "utf8");
    expect(json).toContain("Conv2D");
    const lone = await cliHere("export", model, "--to", "tfjs", "--channels", "1");
    const untested = await cliHere("export", model, "--to", "tfjs", "--limit", "5");
    expect(untested.stderr).toMatch(/--limit is for a test on --data/);
    expect(lone.stderr).toMatch(/--channels says the channels of images of a size. Give --image-size/);
  });
});

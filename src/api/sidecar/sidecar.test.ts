/** `classifier.json`: written beside every model, and what becomes of it where a model is read. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { kerasFixture } from "../../../test/keras-case.ts";
import { greyClassifier } from "../../../test/small-classifier.ts";
import type { Classifier } from "../../models/index.ts";
import { modelOf, writeModel } from "../../onnx/index.ts";
import { exportClassifier, loadClassifier, predict, saveClassifier, takenImages } from "../index.ts";
import { contentHash } from "../manifest.ts";

const root = mkdtempSync(join(tmpdir(), "alignreg-sidecar-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
});
const at = (name: string) => join(folder, name);
const quiet = { onNote: () => undefined };

const facts = {
  classNames: ["dark|", "玫瑰", "light"],
  temperature: 2.5,
  inputRange: 255,
  normalization: { mean: [127], std: [64] },
  imageShape: [1, 8, 8],
  pictures: { resize: "pad", interpolation: "bicubic", exif: "ignore" },
  transforms: { brightness: { factors: [0.5, 1.5] } },
} satisfies Partial<Classifier>;
const net: Classifier = { ...greyClassifier(), ...facts };

/** The same file without a word of its own, and a sidecar that was written with it. */
async function bare(edit: (json: Record<string, unknown>) => unknown = () => undefined): Promise<string> {
  const path = at("net.onnx");
  await saveClassifier(net, path);
  const bytes = writeModel(modelOf(net.graph));
  writeFileSync(path, bytes);
  const json = sidecar("net.classifier.json");
  json.files = { "net.onnx": contentHash(bytes) };
  const edited = edit(json);
  writeFileSync(at("net.classifier.json"), typeof edited === "string" ? edited : JSON.stringify(json));
  return path;
}

const sidecar = (name: string) => JSON.parse(readFileSync(at(name), "utf8")) as Record<string, unknown>;

describe("is written", () => {
  test("with an ONNX file, for its name", async () => {
    await saveClassifier(net, at("a.onnx"));
    await saveClassifier({ ...net, classNames: undefined, temperature: undefined }, at("model.onnx"));
    expect(readdirSync(folder).sort()).toEqual([
      "a.classifier.json",
      "a.onnx",
      "classifier.json",
      "model.onnx",
    ]);
    expect(sidecar("a.classifier.json")).toMatchObject({
      model: "a.onnx",
      files: { "a.onnx": expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      input: { layout: "NCHW", imageShape: [1, 8, 8], range: 255, mean: [127], std: [64] },
      logits: { name: "logits", isOutput: true },
      output: { name: "logits", gives: "logits" },
      ...{
        classNames: facts.classNames,
        temperature: 2.5,
        pictures: facts.pictures,
        transforms: facts.transforms,
      },
    });
    expect(sidecar("classifier.json")).toMatchObject({ classNames: null, temperature: 1 });
    for (const path of ["a.onnx", "model.onnx"]) expect((await loadClassifier(at(path))).notes).toEqual([]);
  });

  test("or not, and then the model is not either, where another program's file has the name", async () => {
    writeFileSync(at("classifier.json"), '{"mine": true}');
    await expect(saveClassifier(net, at("model.onnx"))).rejects.toThrow(
      /classifier\.json is a file of another program/,
    );
    expect(readdirSync(folder)).toEqual(["classifier.json"]);
    await saveClassifier(net, at("flowers.onnx"));
    expect(sidecar("classifier.json")).toEqual({ mine: true });
  });

  test("with what is exported, and says what the files there take", async () => {
    await saveClassifier(net, at("model.onnx"));
    await exportClassifier(at("model.onnx"), at("pages"), { to: "tfjs", ...quiet });
    expect(sidecar("pages/classifier.json")).toMatchObject({
      input: { layout: "NHWC", range: 1, mean: null, normalization: "in graph", name: null },
      ...{ temperature: 1, logits: null, classNames: facts.classNames, transforms: facts.transforms },
    });
    const pages = await loadClassifier(at("pages"));
    expect(pages).toMatchObject({
      transforms: facts.transforms,
      pictures: facts.pictures,
      imageShape: [1, 8, 8],
    });
    await exportClassifier(at("model.onnx"), at("half.onnx"), { to: "onnx", float16: true, ...quiet });
    expect(sidecar("half.classifier.json")).toMatchObject({ temperature: 2.5, input: { range: 255 } });

    const pixels = { data: new Uint8Array(4 * 64).fill(90), width: 8, height: 8 };
    const asked = { transforms: null, ...quiet };
    const answer = await predict(at("model.onnx"), pixels, asked);
    for (const path of ["pages", "half.onnx"]) {
      const { probabilities } = await predict(at(path), pixels, asked);
      expect(probabilities).toBeAllClose(answer.probabilities, { rtol: 0, atol: 1e-6 });
    }
  });
});

describe("a model that says nothing itself", () => {
  test("has its facts, and what is given by hand goes before them", async () => {
    const path = await bare();
    expect(await loadClassifier(path)).toMatchObject(facts);
    const [mean, std] = [[0], [1]];
    const given = { classNames: ["a", "b", "c"], mean, std, inputRange: 1 } as const;
    expect(await loadClassifier(path, given)).toMatchObject({
      classNames: given.classNames,
      normalization: { mean, std },
      inputRange: 1,
      temperature: 2.5,
    });
    expect((await loadClassifier(path, { output: "logits" })).temperature).toBeUndefined();
  });

  test("has them under another name too, and in another folder", async () => {
    await bare();
    mkdirSync(at("app"));
    renameSync(at("net.onnx"), at("app/flowers.onnx"));
    renameSync(at("net.classifier.json"), at("app/classifier.json"));
    expect(await loadClassifier(at("app/flowers.onnx"))).toMatchObject(facts);
  });

  test("has not those of another model, which is said", async () => {
    const path = await bare();
    writeFileSync(path, writeModel(modelOf({ ...net.graph, name: "another" })));
    const { classNames, temperature, notes } = await loadClassifier(path);
    expect([classNames, temperature]).toEqual([undefined, undefined]);
    expect(notes!.join()).toMatch(/net\.classifier\.json is of another model, by the sha256/);
    // A file beside it that is of others says nothing of this one.
    renameSync(at("net.classifier.json"), at("classifier.json"));
    renameSync(path, at("other.onnx"));
    expect((await loadClassifier(at("other.onnx"))).notes).toEqual([]);
  });

  test("has those of a file that does not say of which model it is, which is said", async () => {
    const path = await bare((json) => delete json.files);
    const { notes, ...loaded } = await loadClassifier(path);
    expect(loaded).toMatchObject(facts);
    expect(notes!.join()).toMatch(/does not say of which model it is/);
    const hand = { schema: "alignreg-classifier", version: 1, classNames: ["a", "b", "c"] };
    rmSync(at("net.classifier.json"));
    writeFileSync(at("classifier.json"), JSON.stringify(hand));
    expect((await loadClassifier(path)).classNames).toEqual(["a", "b", "c"]);
  });

  test("has nothing of a later version's, which is said", async () => {
    const path = await bare((json) => Object.assign(json, { version: 2, classNames: 7 }));
    const { classNames, notes } = await loadClassifier(path);
    expect(classNames).toBeUndefined();
    expect(notes!.join()).toMatch(/is of version 2, and this alignreg reads version 1: it is not used/);
  });

  test("passes by another program's file", async () => {
    const path = await bare(() => '["not", "ours"]');
    expect(await loadClassifier(path)).toMatchObject({ notes: [] });
  });
});

test("a model that says it too must say the same", async () => {
  await saveClassifier(net, at("model.onnx"));
  const written = readFileSync(at("classifier.json"), "utf8");
  for (const [from, to, what] of [
    ["玫瑰", "rose", "names of classes"],
    ['"temperature": 2.5', '"temperature": 2', "temperatures"],
    ['"bicubic"', '"box"', "rules for pictures"],
    ['"range": 255', '"range": 1', "range of pixels"],
    ["1.5", "1.75", "shifts"],
  ]) {
    writeFileSync(at("classifier.json"), written.replace(from, to));
    await expect(loadClassifier(at("model.onnx")), what).rejects.toThrow(
      new RegExp(`model\\.onnx and .*classifier\\.json say different ${what}`),
    );
  }
});

test.each<[string, (json: Record<string, unknown>) => unknown, RegExp]>([
  [
    "a temperature of 0",
    (json) => (json.temperature = 0),
    /net\.classifier\.json.* is damaged at temperature: /,
  ],
  ["a name that is none", (json) => (json.classNames = ["a", 1, "c"]), /at classNames\.1: /],
  [
    "too many names",
    (json) => (json.classNames = ["a", "b", "c", "d"]),
    /names 4 classes and .* gives 3 logits/,
  ],
  [
    "a rule that is none",
    (json) => (json.pictures = { resize: "melt" }),
    /at pictures: a rule for pictures is needed/,
  ],
  [
    "a hash that is none",
    (json) => (json.files = { "net.onnx": "abc" }),
    /at files\.net\.onnx: 64 hex digits/,
  ],
  [
    "half a normalisation",
    (json) => ((json.input as { std: unknown }).std = null),
    /1 numbers at input\.mean and 0 at input\.std/,
  ],
  [
    "a file that is cut off",
    (json) => JSON.stringify(json).slice(0, 100),
    /net\.classifier\.json.* cannot be read as JSON/,
  ],
])("%s is an error that names the file and the member", async (_, edit, message) => {
  const path = await bare((json) => {
    const result = edit(json);
    return typeof result === "string" && result.startsWith("{") ? result : undefined;
  });
  await expect(loadClassifier(path)).rejects.toThrow(message);
});

describe("a form without room for them has them in the file beside it:", () => {
  const told = {
    classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    ...{ temperature: 3, transforms: facts.transforms, pictures: facts.pictures },
    ...{ inputRange: 255, normalization: { mean: [10], std: [20] } },
  };
  test.each([
    ["nested.keras", "saved.keras", "saved.classifier.json"],
    ["nested.keras2.h5", "saved.h5", "saved.classifier.json"],
    ["nested.keras2.tfjs", "pages/model.json", "pages/classifier.json"],
  ])("%s", async (fixture, saved, beside) => {
    const model = await loadClassifier(kerasFixture(fixture));
    const width = (model.graph.outputs[0].shape as number[]).at(-1)!;
    const classNames = told.classNames.slice(0, width);
    const image = takenImages(model).imageShape!;
    const each = (n: number) => Array<number>(image[0]).fill(n);
    const normalization = { mean: each(10), std: each(20) };
    const known = { ...told, classNames, normalization, imageShape: image };
    await saveClassifier({ ...model, ...known }, at(saved));
    expect(sidecar(beside)).toMatchObject({ input: { layout: "NHWC", name: null }, temperature: 3 });
    expect(await loadClassifier(at(saved))).toMatchObject(known);
    if (saved.endsWith("model.json")) expect(await loadClassifier(at("pages"))).toMatchObject(known);

    const pixels = { data: new Uint8Array(4 * 64).map((_, i) => i), width: 8, height: 8 };
    const asked = { transforms: null, ...quiet };
    const warm = await predict(at(saved), pixels, asked);
    expect(warm.name).toMatch(/^class /);
    const { probabilities } = await predict({ ...model, ...known, temperature: 1 }, pixels, asked);
    const powers = probabilities.map((p) => p ** (1 / 3));
    const sum = powers.reduce((a, b) => a + b);
    expect(warm.probabilities).toBeAllClose(
      powers.map((p) => p / sum),
      { rtol: 0, atol: 1e-6 },
    );

    writeFileSync(at(beside), JSON.stringify({ ...sidecar(beside), temperature: "warm" }));
    await expect(loadClassifier(at(saved))).rejects.toThrow(/is damaged at temperature/);
  });
});

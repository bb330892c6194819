/** Folders of transformers and of timm (tools/fixtures/hugging_face.py). */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { datasetFromArrays } from "../src/data/index.ts";
import { evaluate, loadClassifier } from "../src/api/index.ts";
import { huggingFacePixels, preprocessImages, timmFacts } from "../src/models/index.ts";

const root = fileURLToPath(new URL("./fixtures/hugging-face", import.meta.url));
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

function copied(name: string, files: Readonly<Record<string, unknown>>): string {
  const folder = join(mkdtempSync(join(tmpdir(), "alignreg-")), name);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, name), folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file);
    const before = file.endsWith("config.json") ? (JSON.parse(readFileSync(path, "utf8")) as object) : {};
    writeFileSync(
      path,
      typeof content === "string" ? content : JSON.stringify({ ...before, ...(content as object) }),
    );
  }
  return folder;
}

test.each(["vit", "vit/model.onnx"])("%s: names and preprocessing come from the folder", async (path) => {
  const classifier = await loadClassifier(join(root, path));
  expect(classifier).toMatchObject({
    classNames: ["cat", "dog", "eel"],
    normalization: half,
    logits: "logits",
    pictures: { resize: "stretch", interpolation: "bilinear", size: [16, 16] },
  });
  expect(classifier.notes).toEqual([]);
});

test("a folder with onnx/model.onnx; classes that nobody named have no names", async () => {
  for (const path of ["convnext", "convnext/onnx/model.onnx"]) {
    const { classNames, normalization, pictures } = await loadClassifier(join(root, path));
    expect([classNames, normalization]).toEqual([undefined, half]);
    expect(pictures).toEqual({ resize: "crop", cropShare: 0.875, interpolation: "bicubic", size: [32, 32] });
  }
});

test("timm's config.json", async () => {
  const classifier = await loadClassifier(join(root, "timm"));
  expect(classifier).toMatchObject({ classNames: ["cat", "dog", "eel"], normalization: half });
  expect(classifier.pictures).toMatchObject({ resize: "crop", cropShare: 0.95, interpolation: "bicubic" });
});

test("evaluate finds the same, matches classes by name and tells no silence", async () => {
  const pixels = Uint8Array.from({ length: 6 * 3 * 256 }, (_, i) => (i * 37) % 256);
  const data = datasetFromArrays({
    name: "six",
    pixels,
    labels: Uint8Array.of(0, 1, 2, 0, 1, 2),
    shape: [3, 16, 16],
    classNames: ["dog", "cat", "eel"],
  });
  const notes: string[] = [];
  const result = await evaluate(join(root, "vit"), data, { onNote: (note) => notes.push(note) });
  const bytes = readFileSync(join(root, "vit/model.onnx"));
  const classMap = ["cat", "dog", "eel"];
  const byHand = await evaluate(bytes, data, { ...half, classMap, onNote: () => undefined });
  expect(result.cleanAccuracy).toEqual(byHand.cleanAccuracy);
  expect(result.alignmentGap).toEqual(byHand.alignmentGap);
  expect(notes.join("\n")).not.toMatch(/does not say what/);
});

interface Golden {
  readonly image: readonly number[];
  readonly processors: readonly { name: string; config: object; pixels: readonly number[] }[];
}
const golden = JSON.parse(readFileSync(join(root, "processors.json"), "utf8")) as Golden;

test.each(golden.processors)("pixels enter as $name makes them", ({ config, pixels }) => {
  const facts = huggingFacePixels(config, {}, "preprocessor_config.json");
  const data = Float32Array.from(golden.image, (byte) => byte / 255);
  const { data: made } = preprocessImages({ data, shape: [1, 3, 4, 4] }, facts);
  made.forEach((value, i) =>
    expect(Math.abs(value - pixels[i])).toBeLessThan(2e-5 * Math.max(1, Math.abs(pixels[i]))),
  );
});

describe("what does not fit is an error that names the file", () => {
  test.each([
    [
      "classes of another model",
      { "config.json": { id2label: { 0: "a", 1: "b" } } },
      /config\.json names 2 classes and .*gives 3 logits/,
    ],
    ["a damaged file", { "config.json": "{" }, /config\.json, beside the model, cannot be read as JSON/],
    [
      "normalised by nothing",
      { "preprocessor_config.json": { image_mean: null } },
      /says do_normalize and gives no image_mean/,
    ],
    [
      "a member of another type",
      { "preprocessor_config.json": { image_std: "0.5" } },
      /preprocessor_config\.json: image_std: /,
    ],
    [
      "a timm config that says otherwise",
      { "config.json": { pretrained_cfg: { mean: [0.1, 0.1, 0.1], std: [1, 1, 1] } } },
      /say different mean and std/,
    ],
  ])("%s", async (_, files, message) => {
    await expect(loadClassifier(copied("vit", files))).rejects.toThrow(message);
  });

  test("id2label with a hole is not used, and a note says so", async () => {
    const { classNames, notes } = await loadClassifier(
      copied("vit", { "config.json": { id2label: { 0: "a", 2: "b" } } }),
    );
    expect(classNames).toBeUndefined();
    expect(notes![0]).toMatch(/does not number its 2 classes from 0/);
  });

  test("a folder without a model", async () => {
    const folder = copied("vit", {});
    rmSync(join(folder, "model.onnx"));
    await expect(loadClassifier(folder)).rejects.toThrow(/it is a folder with no model in it/);
  });
});

test("timm's older, flat form; names that are not as many as counted are not used", () => {
  const flat = {
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    input_size: [3, 224, 224],
    crop_pct: 0.875,
  };
  expect(timmFacts(flat, "config.json")).toMatchObject({ normalization: { mean: flat.mean, std: flat.std } });
  const { classNames, notes } = timmFacts(
    { ...flat, num_classes: 3, label_names: ["a", "b"] },
    "config.json",
  );
  expect(classNames).toBeUndefined();
  expect(notes[0]).toMatch(/names 2 classes and counts 3/);
});

test("sizes and kernels in every form", () => {
  const of = (config: object) => huggingFacePixels(config, {}, "p").pictures;
  const edge = (shortest_edge: number) => ({ shortest_edge });
  expect(of({ size: 224, resample: 3 })).toEqual({
    resize: "stretch",
    interpolation: "bicubic",
    size: [224, 224],
  });
  expect(of({ size: [192, 256] })).toEqual({ resize: "stretch", size: [192, 256] });
  expect(of({ size: edge(384), crop_pct: 0.875 })).toEqual({ resize: "stretch", size: [384, 384] });
  expect(of({ size: edge(256), do_center_crop: true, crop_size: 224, resample: 2 })).toEqual({
    resize: "crop",
    cropShare: 0.875,
    interpolation: "bilinear",
    size: [224, 224],
  });
  expect(of({ size: 224, do_center_crop: true, crop_size: 224 })).toEqual({
    resize: "stretch",
    size: [224, 224],
  });
  expect(of({ do_resize: false, size: 224 })).toBeUndefined();
  expect(of({ size: 224, resample: 0 })).toMatchObject({ interpolation: "nearest" });
});

test("a kernel that is none is said", () => {
  const said = [
    huggingFacePixels({ size: 224, resample: 7 }, {}, "p"),
    timmFacts({ pretrained_cfg: { input_size: [3, 224, 224], interpolation: "random" } }, "p"),
  ];
  for (const [i, { pictures, notes }] of said.entries()) {
    expect(pictures).toBeDefined();
    expect(pictures).not.toHaveProperty("interpolation");
    expect(notes).toEqual([
      expect.stringMatching(
        new RegExp(
          `^p asks for the interpolation ${["7", '"random"'][i]}, which is none .*nearest.*bilinear`,
        ),
      ),
    ]);
  }
});

test("what is not done here is a note that says what comes near", () => {
  const said = (config: object) => {
    const { pictures, notes } = huggingFacePixels(config, {}, "p");
    expect(pictures).toBeUndefined();
    return notes[0];
  };
  expect(said({ size: { shortest_edge: 224 } })).toMatch(/shorter edge is 224, which is not done here/);
  expect(said({ size: 256, do_center_crop: true, crop_size: 224 })).toMatch(
    /stretched to 256×256, then cut to the central 224×224, which .*\(--image-size 224\)/,
  );
  const squash = { mean: [0.5], std: [0.5], input_size: [3, 32, 32], crop_pct: 0.9, crop_mode: "squash" };
  expect(timmFacts(squash, "c").notes[0]).toMatch(/crop_mode squash to 35×35, then cut to the central 32×32/);
  expect(timmFacts({ ...squash, crop_pct: 1 }, "c").pictures).toEqual({ resize: "stretch", size: [32, 32] });
  const border = { ...squash, crop_pct: 1, crop_mode: "border" };
  expect(timmFacts(border, "c").pictures).toMatchObject({ resize: "pad" });
});

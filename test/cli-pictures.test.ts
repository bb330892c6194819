/** Photographs of any shape on the command line: how they come to a model's size, from training to testing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadOptions } from "../src/data/index.ts";
import { loadClassifier, modelImages, openData } from "../src/index.ts";
import { type PictureRule, random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";
import { greyFile } from "./small-classifier.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-pictures-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const photos = inFolder("photos");
const model = inFolder("model.onnx");
const metadata = {
  "alignreg.resize": "crop",
  "alignreg.cropShare": "0.5",
  "alignreg.interpolation": "bicubic",
};
const cropped: PictureRule = { resize: "crop", cropShare: 0.5, interpolation: "bicubic", exif: "apply" };

/** Two classes of pictures of noise, none of the model's shape; some were held upright. */
beforeAll(async () => {
  const rng = random(0, "photos");
  for (const split of ["train", "test"]) {
    for (const [c, name] of ["dark", "light"].entries()) {
      mkdirSync(inFolder("photos", split, name), { recursive: true });
      for (let i = 0; i < 6; i++) {
        const [width, height] = [40 + 3 * i, 30];
        const pixels = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(100) + 150 * c);
        const image = sharp(pixels, { raw: { width, height, channels: 3 } });
        const upright = i % 3 === 0 ? image.withMetadata({ orientation: 6 }) : image;
        await upright.png().toFile(inFolder("photos", split, name, `${i}.png`));
      }
    }
  }
  writeFileSync(model, greyFile({ channels: 3, size: 16 }, metadata));
});

const readJson = (path: string) =>
  JSON.parse(readFileSync(path, "utf8")) as {
    readonly manifest: { readonly data: { readonly sha256: string } };
  };

/** The hash of the images that `evaluate` tested, and what it noted. */
async function tested(path: string, ...more: readonly string[]) {
  const json = inFolder("scores.json");
  const { code, stderr } = await cliHere("evaluate", path, "--data", photos, "--json", json, ...more);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return { sha256: readJson(json).manifest.data.sha256, stderr };
}

const hashOf = async (options: LoadOptions, size = 16) =>
  (await openData(photos, "test", { size, ...options })).hash;

test("modelImages says what a model takes", async () => {
  expect(await modelImages(model)).toEqual({
    imageShape: [3, 16, 16],
    pictures: { ...cropped, exif: undefined },
  });
  expect(await modelImages(inFolder("none.onnx"))).toBeNull();
});

describe("pictures are read by the model's own rule", () => {
  test("evaluate, which says so", async () => {
    const { sha256, stderr } = await tested(model);
    expect(sha256).toBe(await hashOf(cropped));
    expect(stderr).toMatch(
      /photos\/test: pictures are cut to their middle, 16×16 pixels of a shorter side of 32, as the model/,
    );
    expect(stderr).toMatch(/photos\/test: 4 of 12 pictures are turned upright/);
  });

  test("another rule is obeyed, and the model's is named", async () => {
    const { sha256, stderr } = await tested(model, "--resize", "pad", "--exif", "ignore");
    expect(sha256).toBe(await hashOf({ resize: "pad", interpolation: "bicubic", exif: "ignore" }));
    expect(stderr).toMatch(
      /model\.onnx says resize crop, cropShare 0\.5 of its pictures; those .* read with resize pad/,
    );
    expect(stderr).not.toMatch(/are cut|turned upright/);
  });

  const trained = async (name: string, ...more: readonly string[]) => {
    const out = inFolder(name);
    const options = [
      "--data",
      photos,
      "--out",
      out,
      "--epochs",
      "1",
      "--method",
      "base",
      "--batch-size",
      "4",
    ];
    const { code, stderr } = await cliHere("train", ...options, ...more);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return { path: join(out, "model.onnx"), stderr };
  };

  test("train, and the trained model says it: evaluate reads the same", async () => {
    const { path, stderr } = await trained("own", "--model", model);
    expect(stderr).toMatch(/photos\/train: pictures are cut to their middle, 16×16 pixels/);
    expect((await loadClassifier(path)).pictures).toEqual(cropped);
    expect((await tested(path)).sha256).toBe(await hashOf(cropped));
  });

  test("a model of ours that trains with another rule remembers that", async () => {
    const rule = { resize: "crop", cropShare: 0.8, interpolation: "lanczos", exif: "ignore" } as const;
    const { path } = await trained(
      "chosen",
      ...["--model", "cifarCnn", "--image-size", "20", "--resize", "crop"],
      ...["--crop-share", "0.8", "--interpolation", "lanczos", "--exif", "ignore"],
    );
    expect((await loadClassifier(path)).pictures).toEqual(rule);
    const { sha256, stderr } = await tested(path);
    expect(sha256).toBe(await hashOf(rule, 20));
    expect(stderr).toMatch(/, as the model says;/);
  });
});

describe("transforms before the crop", () => {
  test("are what the trained model is tested by too, unless something else is said", async () => {
    const out = inFolder("before");
    const { code, stderr } = await cliHere(
      ...["train", "--data", photos, "--out", out, "--model", model, "--epochs", "1", "--batch-size", "4"],
      ...["--transforms", "rotation:20", "--transform-before-crop"],
    );
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(stderr).toMatch(
      /transforms are applied to 32×32 pixels, of which the middle 16×16 are then cut out\./,
    );
    const path = join(out, "model.onnx");
    const rule = { ...cropped, transformBeforeCrop: true } as const;
    expect((await loadClassifier(path)).pictures).toEqual(rule);
    const before = await tested(path, "--transforms", "rotation:20");
    expect(before.sha256).toBe(await hashOf(rule));
    expect(before.stderr).toMatch(/cut out, as the model says; --no-transform-before-crop does otherwise/);
    const after = await tested(path, "--transforms", "rotation:20", "--no-transform-before-crop");
    expect(after.sha256).toBe(await hashOf(cropped));
    expect(after.stderr).toMatch(
      /says transformBeforeCrop true of its pictures; .* read with transformBeforeCrop false/,
    );
    expect((await cliHere("inspect", path)).stdout).toContain("bicubic, transforms before the crop\n");
  });

  test("need a crop that cuts something off", async () => {
    const { code, stderr } = await cliHere(
      ...["evaluate", model, "--data", photos, "--resize", "stretch", "--transform-before-crop"],
    );
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/pictures are stretched: nothing is cut off\./),
    ]);
  });
});

test("transforms shows pictures as a model takes them", async () => {
  const sheet = async (...more: string[]) => {
    const out = inFolder("sheet.png");
    const ended = await cliHere(
      "transforms",
      "rotation",
      "--data",
      photos,
      "--count",
      "1",
      "--out",
      out,
      ...more,
    );
    return { ...ended, width: ended.code === 0 ? (await sharp(out).metadata()).width : 0 };
  };
  const taken = await sheet("--model", model);
  expect(taken.stderr).toMatch(
    /pictures are cut to their middle, 16×16 pixels of a shorter side of 32, as the model says/,
  );
  expect(taken.width).toBe((await sheet("--image-size", "16")).width);
  expect((await sheet("--model", inFolder("none.onnx"))).stderr).toMatch(/There is no backbone .*none\.onnx/);
});

test("inspect shows the rule", async () => {
  const { stdout } = await cliHere("inspect", model);
  expect(stdout).toContain("\nresize  crop, 0.5 of each side, bicubic\n");
});

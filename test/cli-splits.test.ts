/** What a training holds out, and what a test of its model is on. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../src/tensor/index.ts";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-splits-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (...names: readonly string[]) => join(folder, ...names);
const small = [
  "--model",
  "cifarLenet",
  "--epochs",
  "1",
  "--batch-size",
  "8",
  "--method",
  "base",
  "--threads",
  "1",
];

/** Pictures of noise, 16 × 16, those of a class bright. */
async function photos(directory: string, counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [className, count] of Object.entries(counts)) {
    for (let i = 0; i < count; i++) {
      const rng = random(i, className);
      const least = className === "bee" ? 100 : 0;
      const bytes = Uint8Array.from({ length: 16 * 16 * 3 }, () => least + rng.integer(150));
      const file = join(directory, className, `${i}.png`);
      mkdirSync(dirname(file), { recursive: true });
      await sharp(bytes, { raw: { width: 16, height: 16, channels: 3 } }).toFile(file);
    }
  }
}

const train = (data: string, out: string, ...more: string[]) =>
  cliHere("train", "--data", data, "--out", out, ...small, ...more);
const evaluate = (model: string, data: string, ...more: string[]) =>
  cliHere("evaluate", model, "--data", data, "--threads", "1", "--transforms", "brightness:1.2", ...more);

interface Scores {
  readonly manifest: { readonly data: { readonly samples: number } };
  readonly hardest: { readonly clean: readonly { readonly file: string }[] };
  readonly notes: readonly string[];
}

describe("a folder of classes", () => {
  const data = inFolder("photos");
  const run = inFolder("run");
  const model = join(run, "model.onnx");
  const scores = async (...more: string[]) => {
    const { code, stdout, stderr } = await evaluate(model, data, "--json", "-", "--hardest", "100", ...more);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Scores;
  };

  beforeAll(async () => {
    await photos(data, { ant: 20, bee: 20 });
    cpSync(join(data, "ant", "3.png"), join(data, "ant", "copy-of-3.png"));
    const { code, stderr } = await train(
      data,
      run,
      "--validation",
      "0.2",
      "--test",
      "0.25",
      "--image-size",
      "16",
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("Training cifarLenet by base on ");
    expect(stderr).toMatch(
      /photos: held out are 1[01] for the test \(.*\) and [89] for validation \(.*\); 2\d of 41 images are trained on\./,
    );
    expect(stderr).toContain(
      "photos: 2 images are copies of one another, 1 picture in all, and stay together: 3.png = copy-of-3.png.",
    );
    expect(stderr).toMatch(/validation [\d.]+ % clean/);
  });

  test("is divided once: a test is on the images that training held out, and says so", async () => {
    const [tested, validated, trained] = [
      await scores(),
      await scores("--split", "validation"),
      await scores("--split", "train"),
    ];
    const counts = [tested, validated, trained].map(({ manifest }) => manifest.data.samples);
    expect(counts.reduce((a, b) => a + b)).toBe(41);
    const { heldOut } = JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as { heldOut: unknown };
    expect(heldOut).toEqual({ of: 41, validation: counts[1], test: counts[0] });
    expect(tested.notes).toContain(
      `photos: the ${counts[0]} of 41 images are used that training held out for the test; the others are left out.`,
    );
    // Of those that it was trained on it is told.
    expect(tested.notes.filter((note) => note.includes("that the model was trained on"))).toEqual([]);
    expect(trained.notes.join("\n")).toContain(
      "The test images are among those that the model was trained on",
    );
  });

  test("stays divided when files are renamed, added and taken away, and the model is moved", async () => {
    const before = (await scores()).manifest.data.samples;
    const moved = inFolder("moved");
    cpSync(data, moved, { recursive: true });
    renameSync(join(moved, "bee"), join(moved, "a bee"));
    renameSync(join(moved, "a bee"), join(moved, "bee"));
    for (let i = 0; i < 20; i++)
      renameSync(join(moved, "bee", `${i}.png`), join(moved, "bee", `x${19 - i}.png`));
    await photos(moved, { ant: 30 });
    cpSync(model, inFolder("elsewhere.onnx"));
    const { code, stdout, stderr } = await evaluate(inFolder("elsewhere.onnx"), moved, "--json", "-");
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Scores).manifest.data.samples).toBe(before);
    expect(stderr).toContain(
      `moved: the ${before} of 51 images are used that training held out for the test`,
    );
    rmSync(join(moved, "ant"), { recursive: true });
    mkdirSync(join(moved, "ant"));
    await photos(moved, { ant: 2 });
    expect((await evaluate(model, moved)).stderr).toMatch(/Of those held out \d are not there any more\./);
  });

  test("other data is tested whole", async () => {
    const other = inFolder("other");
    await photos(other, { ant: 40, bee: 40 });
    for (const name of ["ant", "bee"]) for (let i = 0; i < 25; i++) rmSync(join(other, name, `${i}.png`));
    const { code, stdout, stderr } = await evaluate(model, other, "--json", "-");
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Scores).manifest.data.samples).toBe(30);
  });

  test("a model that is trained on knows nothing of what an earlier training held out", async () => {
    const again = inFolder("again");
    const { code, stderr } = await train(data, again, "--model", model);
    expect(code, stderr).toBe(0);
    const tested = await evaluate(join(again, "model.onnx"), data);
    expect(tested.stderr).toContain("on 41 images (photos)");
  });

  test("a run goes on with the same parts", async () => {
    const { code, stdout, stderr } = await cliHere("train", "--out", run, "--resume");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/is finished already: base, 1 epoch of 2\d images/);
    const other = await cliHere("train", "--out", run, "--resume", "--split-seed", "1");
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/another, finished run \(data: /);
  });

  test("without a test part a test is on the images for validation, and says what that means", async () => {
    const out = inFolder("validated");
    expect((await train(data, out, "--validation", "0.2")).code).toBe(0);
    const { stderr } = await evaluate(join(out, "model.onnx"), data);
    expect(stderr).toMatch(/that training held out for validation; .* The best epoch was chosen by them/);
  });
});

describe("a folder of splits", () => {
  const data = inFolder("divided");
  beforeAll(async () => {
    await photos(join(data, "Training"), { ant: 10, bee: 10 });
    await photos(join(data, "VALID"), { ant: 3, bee: 3 });
  });

  test("is validated on its images for validation, unless one says no", async () => {
    const { code, stderr } = await train(data, inFolder("with-valid"));
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/on 20 images .*validation [\d.]+ % clean/s);
    const without = await train(data, inFolder("without-valid"), "--no-validation");
    expect(without.code, without.stderr).toBe(0);
    expect(without.stderr).not.toContain("% clean");
  });

  test("has no other images held out for what it has", async () => {
    const { code, stderr } = await train(data, inFolder("twice"), "--validation", "0.2");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /divided has images for validation already\. Leave --validation out: they are used\./,
    );
  });

  test("has a test part held out of its training images", async () => {
    const out = inFolder("tested");
    expect((await train(data, out, "--test", "0.2")).code).toBe(0);
    const { stderr, code } = await evaluate(join(out, "model.onnx"), data);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      "divided/train: the 4 of 20 images are used that training held out for the test",
    );
    expect((await evaluate(join(out, "model.onnx"), data, "--split", "validation")).stderr).toContain(
      "on 6 images (divided/validation)",
    );
  });

  test("says what to do where a test part is missing", async () => {
    const { code, stderr } = await evaluate(inFolder("with-valid", "model.onnx"), data);
    expect(code).toBe(1);
    expect(stderr).toMatch(/has no test split: .* found only Training\/, VALID\/\. .* --split validation\./);
  });
});

test.each([["0"], ["1"], ["20"], ["0.5x"]])("--validation %s is no share", async (share) => {
  const { code, stderr } = await cliHere("train", "--out", inFolder("no"), "--validation", share);
  expect(code).toBe(2);
  expect(stderr).toContain("Give a share between 0 and 1, as in 0.2.");
});

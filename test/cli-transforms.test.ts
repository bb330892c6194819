import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { families } from "../src/augment/index.ts";
import { mnist } from "../src/api/index.ts";
import { take } from "../src/data/index.ts";
import { cliHere } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-transforms-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

describe("alignreg transforms", () => {
  test("without a family lists them all", async () => {
    const { code, stdout, stderr } = await cliHere("transforms");
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of Object.keys(families)) expect(stdout).toMatch(new RegExp(`^│ ${name} +│`, "m"));
    expect(stdout).toContain("15°, 30°, 45°, 60°");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("draws a family's members: the pixels of MNIST, four times as large", async () => {
    const out = inFolder("new/sheet.png");
    const { code, stdout } = await cliHere("transforms", "rotation:20,40", "--count", "3", "--out", out);
    expect([code, stdout]).toEqual([0, `${out}: 3 images × 3 members of rotation\n`]);

    // The last row is the first 2 of the test images; its upper left corner is known from the lower right one.
    const { data, info } = await sharp(out).greyscale().raw().toBuffer({ resolveWithObject: true });
    const test = take((await mnist()).test, 20);
    const two = test.pixels.subarray(784 * test.labels.indexOf(2));
    const [columns, side, margin] = [3, 4 * 28, 20];
    const left = info.width - margin - columns * 120 - (columns - 1) * 8 + 4;
    const top = info.height - margin - side;
    const drawn = Array.from(
      { length: 784 },
      (_, i) => data[(top + 4 * Math.floor(i / 28) + 2) * info.width + left + 4 * (i % 28) + 2],
    );
    expect(drawn).toEqual([...two.subarray(0, 784)]);
  });

  test("draws a user's own family", async () => {
    writeFileSync(inFolder("own.mjs"), "export default { darker: ({ data }) => data.map((v) => v / 2) };");
    const out = inFolder("own.png");
    const ended = await cliHere(
      ...["transforms", `rotation:20+${inFolder("own.mjs")}`, "--count", "1", "--out", out],
    );
    expect(ended).toEqual({ code: 0, stdout: `${out}: 1 image × 3 members of rotation+own\n`, stderr: "" });
    expect(existsSync(out)).toBe(true);
  });

  test.each<[string, readonly string[], 1 | 2, string]>([
    ["an unknown family", ["spin"], 2, 'Unknown transform family "spin". Choose one of: '],
    ["a value that is none", ["rotation:x"], 2, "needs numbers after the colon"],
    ["a module that is not there", ["./none.mjs"], 1, "Cannot read the transforms ./none.mjs"],
    ["an option without a family", ["--count", "3"], 1, "--count is for drawing a family"],
    ["a folder as the sheet", ["rotation", "--out", folder], 1, "it is a folder"],
  ])("%s is an error", async (_, args, code, tells) => {
    const before = readdirSync(folder);
    const ended = await cliHere("transforms", ...args);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(tells);
    expect(ended.stderr).not.toMatch(/^ +at /m);
    expect(ended.stdout).toBe("");
    expect(readdirSync(folder)).toEqual(before);
  });
});

test("evaluate and train read a module's errors before anything else", async () => {
  writeFileSync(inFolder("bad.mjs"), "export default 3;");
  for (const args of [
    ["evaluate", "model.onnx"],
    ["train", "--out", inFolder("run")],
  ]) {
    const { code, stderr } = await cliHere(...args, "--transforms", inFolder("bad.mjs"));
    expect(code).toBe(1);
    expect(stderr).toContain("no family of transforms");
  }
  expect(existsSync(inFolder("run"))).toBe(false);
});

test("a run is trained and tested under a user's own family, and records it", async () => {
  writeFileSync(inFolder("half.mjs"), "export default { half: ({ data }) => data.map((v) => v / 2) };");
  const run = inFolder("half");
  const transforms = ["--limit", "128", "--transforms", inFolder("half.mjs")];
  const trained = await cliHere("train", "--epochs", "1", "--out", run, ...transforms);
  expect(trained.code, trained.stderr).toBe(0);
  const tested = await cliHere("evaluate", join(run, "model.onnx"), "--json", "-", ...transforms);
  const { members, manifest } = JSON.parse(tested.stdout) as {
    members: { name: string }[];
    manifest: { config: { transforms: object } };
  };
  expect(members.map(({ name }) => name)).toEqual(["identity", "half"]);
  expect(manifest.config.transforms).toMatchObject({
    name: "half",
    modules: { [inFolder("half.mjs")]: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
});

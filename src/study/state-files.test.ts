import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DamagedFileError, type JsonFile } from "../artifacts/index.ts";
import type { Scores } from "../evaluate/index.ts";
import { CellFolder, scoresName } from "./cell-folder.ts";
import { parseStudy } from "./parse.ts";
import { placedStudyFile } from "./placed-study.ts";
import {
  cellManifestFile,
  choicesFile,
  configFile,
  contentsFile,
  failureFile,
  scoresFile,
  workFile,
} from "./state-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "alignreg-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const half = { value: 0.5, low: 0.4, high: 0.6 };
const terms = { cleanRisk: 0, meanGap: 0, sum: 0, worstCaseRisk: 0, holds: true };
const scores: Scores = {
  ...{ samples: 8, classes: 2, cleanAccuracy: half, robustAccuracy: half, invarianceScore: half },
  members: [{ name: "identity", accuracy: 0.5, low: 0.4, high: 0.6 }],
  alignmentGap: { mean: { value: 12, low: 10, high: 14 }, max: 99, quantiles: [] },
  efficiency: 1,
  bound: { error: terms, softmaxError: terms, crossEntropy: terms },
};
const study = parseStudy(
  `name: every
data: { name: mnist, validation: 9, imageSize: [8, 8], channels: 1 }
model: { name: cifarCnn, width: 4 }
mean: [0.5]
std: [0.5]
crop: 2
flip: true
schedule: { kind: step, every: 3 }
families: [rotation, { contrast: { scales: [0.5] } }]
lambda: { values: { default: [0, 1], l1: [0.1] } }
seeds: [0, 1]
`,
  "every.yaml",
);
const bare = parseStudy(
  "name: bare\ndata: { name: mnist }\nfamilies: [rotation]\nmethods: [base]\n",
  "bare.yaml",
);
const choice = {
  ...{ family: "rotation", column: "rwa-l1", criterion: "robustAccuracy", tolerance: 0.01, lambda: 0.1 },
  candidates: [
    { lambda: 0.1, scores: { cleanAccuracy: 1, robustAccuracy: 1, invarianceScore: 1 }, error: null },
    { lambda: 1, scores: null, error: "diverged" },
  ],
} as const;

const kinds: readonly [string, JsonFile<object>, object][] = [
  ["scores", scoresFile, scores],
  [
    "manifest",
    cellManifestFile,
    { command: "x", model: { name: "a", sha256: "b" }, seconds: 1, files: { a: { bytes: 1, sha256: "c" } } },
  ],
  ["config", configFile, { method: "base", seed: 0 }],
  ["failure", failureFile, { message: "diverged", stack: "", attempt: 2 }],
  ["choices", choicesFile, { choices: [choice] }],
  ["contents", contentsFile, { settings: { "{}": { "test images": "a" } } }],
  ["work", workFile, { cells: ["a"], secondsLeft: null }],
  ["a study of everything", placedStudyFile, { study, directory: "/a" }],
  ["a study of little", placedStudyFile, { study: bare, directory: "/a" }],
].map(([name, kind, value]) => [name, kind, value] as [string, JsonFile<object>, object]);

describe.each(kinds)("%s", (_name, kind, value) => {
  const path = () => join(folder, "file.json");

  test("comes back as it was written, with its version first", async () => {
    await kind.write(path(), value);
    expect(kind.read(path())).toEqual(JSON.parse(JSON.stringify(value)));
    expect(readFileSync(path(), "utf8")).toMatch(/^\{\n {2}"version": 1,\n/);
    expect(kind.read(join(folder, "missing"))).toBeNull();
    expect(kind.read(join(path(), "below"))).toBeNull();
  });

  test.each([
    ["nothing", (text: string) => text.slice(0, 0), "it is empty"],
    ["null", () => "null", "it does not hold"],
    ["a cut", (text: string) => text.slice(0, -20), "it is no JSON"],
    [
      "another version",
      (text: string) => text.replace('"version": 1', '"version": 99'),
      "it is of version 99",
    ],
    ["zeros", (text: string) => "\0".repeat(text.length), "it is no JSON"],
  ])("%s is damage", async (_what, damaged, reason) => {
    await kind.write(path(), value);
    writeFileSync(path(), damaged(readFileSync(path(), "utf8")));
    expect(() => kind.read(path())).toThrow(`${path()} is damaged: ${reason}`);
  });

  test("a folder, and a pipe that nobody writes to, in its place are damage", () => {
    mkdirSync(path());
    expect(() => kind.read(path())).toThrow("it is a folder");
    if (process.platform === "win32") return;
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(() => kind.read(pipe)).toThrow("it is no file");
  });

  // A config may be anything: it is compared with what it should be.
  if (kind !== configFile) {
    test("an empty object is damage", () => {
      writeFileSync(path(), "{}");
      expect(() => kind.read(path())).toThrow(DamagedFileError);
    });
  }
});

test("files of the time before versions are read", () => {
  const path = join(folder, "file.json");
  writeFileSync(path, JSON.stringify([choice]));
  expect(choicesFile.read(path)).toEqual({ choices: [choice] });
  writeFileSync(path, JSON.stringify({ "{}": { images: "a" } }));
  expect(contentsFile.read(path)).toEqual({ settings: { "{}": { images: "a" } } });
  writeFileSync(path, JSON.stringify(scores));
  expect(scoresFile.read(path)).toEqual(scores);
});

test("a study without λ for one of its regularizers is damage", async () => {
  const path = join(folder, "study.json");
  await placedStudyFile.write(path, { study: { ...study, lambda: null }, directory: "/a" });
  expect(() => placedStudyFile.read(path)).toThrow("no λ for");
});

describe("a cell's folder", () => {
  test("counts what is damaged as not there, and names it", async () => {
    const cell = new CellFolder(join(folder, "cell"));
    cell.prepare();
    await scoresFile.write(cell.scores("test-rotation"), scores);
    writeFileSync(cell.scores("test-scale"), "null");
    writeFileSync(cell.manifest, "{}");
    writeFileSync(cell.error, "{}");
    const state = cell.read();
    expect([...state.scores.keys()]).toEqual(["test-rotation"]);
    expect(state.isTrained).toBe(false);
    expect(state.damage).toHaveLength(2);
    expect(state.failure).toMatchObject({
      attempt: 1,
      message: expect.stringContaining("error.json is damaged") as string,
    });
  });

  test("that is a file is an empty one", () => {
    writeFileSync(join(folder, "cell"), "");
    expect(new CellFolder(join(folder, "cell")).read()).toMatchObject({ isTrained: false, damage: [] });
  });

  test("finds models that were cut or changed, and lets those that were taken away be until they are needed", async () => {
    const cell = new CellFolder(join(folder, "cell"));
    cell.prepare();
    writeFileSync(cell.model, "model");
    const file = { bytes: 5, sha256: "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4" };
    const files = { "model.onnx": file };
    await cellManifestFile.write(cell.manifest, { seconds: 1, model: { name: "a", sha256: "b" }, files });
    expect([cell.trainingDamage(), cell.modelDamage()]).toEqual([[], null]);
    writeFileSync(cell.model, "modem");
    expect(cell.trainingDamage()).toEqual([]);
    expect(cell.modelDamage()).toContain("it was changed after it was written");
    writeFileSync(cell.model, "mod");
    expect(cell.trainingDamage()).toEqual([expect.stringContaining("it has 3 bytes and had 5")]);
    rmSync(cell.model);
    expect(cell.trainingDamage()).toEqual([]);
    expect(cell.modelDamage()).toContain("it is not there");
  });
});

test("names of scores are bounded, tell families apart, and are harmless on every system", () => {
  const angles = (last: number) => `rotation:${Array.from({ length: 60 }, (_, i) => i).join(",")},${last}`;
  const names = ["rotation", angles(1), angles(2), "é".repeat(80), "é".repeat(81)].map((family) =>
    scoresName("validation", family),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name.length).toBeLessThan(120);
  expect(names[0]).toBe("validation-rotation");
  for (const name of names) expect(name).toMatch(/^(?:[\w.!~'()-]|%[0-9A-F]{2})+$/);
  expect(scoresName("test", "a*b/c")).toBe("test-a%2Ab%2Fc");
});

/** Methods, regularizers, losses, optimizers and gradient rules of modules in a study. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkStudy } from "../src/study/check.ts";
import { cellTitle } from "../src/study/cell.ts";
import { columnsOf } from "../src/study/columns.ts";
import { recordContents } from "../src/study/contents-record.ts";
import { placedStudyFile } from "../src/study/placed-study.ts";
import { planOf } from "../src/study/plan.ts";
import { runCell } from "../src/study/run-cell.ts";
import { readStudy } from "../src/study/run-study.ts";
import { StudyData } from "../src/study/study-data.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-parts-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeAll(() => {
  mkdirSync(join(folder, "mine"));
  write(
    "mine/huber.mjs",
    `export default ({ delta = 1 }) => ({
      name: "huber", letter: "H", options: { delta },
      distance(g, z, zView) {
        const size = g.op1("Abs", [g.sub(z, zView)]);
        const near = g.op1("Min", [size, g.scalar(delta)]);
        return g.sum(g.mul(near, g.sub(size, g.scale(near, 0.5))), [1]);
      },
    });`,
  );
  write(
    "parts.mjs",
    `export const sums = { defines: "method", name: "sums", views: "random", isRegularized: true };
    export const quiet = { defines: "method", name: "quiet", views: "none",
      loss: (g, { cleanLosses, mean }) => g.scale(mean(cleanLosses), 0.5) };
    export const flat = { defines: "loss", name: "flat", perSample: (g, logits, labels) => g.mean(g.mul(logits, logits), [1]) };
    export const plain = ({ factor = 1 }) => ({ defines: "optimizer", name: "plain", options: { factor },
      update: (g, { parameter, gradient, scalar }) => ({
        parameter: g.sub(parameter, g.scale(g.mul(gradient, scalar.learningRate), factor)), state: [] }) });
    export const straight = { defines: "gradient", operator: "Relu", rule: (g, node, [dy]) => [dy] };`,
  );
});

const head =
  "name: s\ndata: { name: mnist, train: 32, test: 8 }\nbatchSize: 16\nepochs: 1\nfamilies: [rotation]\n";
async function studyOf(more: string) {
  write("study.yaml", head + more);
  return (await readStudy(join(folder, "study.yaml"))).placed;
}
const sha256 = (file: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, file)))
    .digest("hex");

const all = `methods: [./parts.mjs#quiet, ./parts.mjs#sums, base]
regularizers: [squaredL2, ./mine/huber.mjs, { ./mine/huber.mjs: { delta: 2 } }]
loss: ./parts.mjs#flat
optimizer: { name: "./parts.mjs#plain:factor=0.5", learningRate: 0.01 }
gradients: [./parts.mjs#straight]
lambda: { values: { default: [0.1], "huber:delta=2": [0.3] } }
`;

test("modules are columns by their definitions' names, and what they are decides what is trained", async () => {
  const { study } = await studyOf(all);
  expect(columnsOf(study).map(({ id, label }) => [id, label])).toEqual([
    ["base", "Base"],
    ["quiet", "quiet"],
    ["sums-squaredL2", "sums S"],
    ["sums-huber", "sums H"],
    ["sums-huber:delta=2", "sums huber:delta=2"],
  ]);
  const plan = planOf(study);
  const cells = plan.map((arm) => arm.cellsAt(null)[0]);
  expect(cells.map(({ config }) => [config.family, config.lambda])).toEqual([
    [null, null],
    [null, null],
    ["rotation", 0.1],
    ["rotation", 0.1],
    ["rotation", 0.3],
  ]);
  expect(cellTitle(cells[4], "rotation")).toBe(
    "rotation ./parts.mjs#sums-./mine/huber.mjs:delta=2 λ=0.3 seed 0",
  );
  expect(new Set(cells.map(({ id }) => id)).size).toBe(5);
});

test("a cell trains with what the modules define, and its manifest says which they were", async () => {
  const { study, directory } = await studyOf(all);
  const cell = planOf(study)[4].cellsAt(null)[0];
  const job = {
    ...{ cell, folder: join(folder, "cell"), directory, evaluations: [] },
    ...{ augmentation: study.augmentation, checkpointSeconds: 15, command: "test" },
  };
  await runCell(job, new StudyData(study, directory), {
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "cell", "manifest.json"), "utf8"));
  const parts = sha256("parts.mjs");
  expect(manifest).toMatchObject({
    config: {
      method: { name: "sums", views: "random", modules: { "parts.mjs": parts } },
      regularizer: {
        name: "huber",
        options: { delta: 2 },
        modules: { "huber.mjs": sha256("mine/huber.mjs") },
      },
      loss: { name: "flat", modules: { "parts.mjs": parts } },
      optimizer: { name: "plain", options: { factor: 0.5 } },
      gradients: [{ name: "Relu", modules: { "parts.mjs": parts } }],
    },
  });
});

test("the folder refuses modules that have changed, and reads its study without them", async () => {
  const placed = await studyOf(all);
  const { contents } = await checkStudy(placed);
  expect(contents.find(({ settings }) => settings === "parts")?.sha256).toEqual({
    "./parts.mjs": sha256("parts.mjs"),
    "./mine/huber.mjs": sha256("mine/huber.mjs"),
  });
  const record = join(folder, "contents.json");
  const note = () => undefined;
  await recordContents(record, contents, note);
  await recordContents(record, contents, note);
  const changed = contents.map((one) =>
    one.settings === "parts" ? { ...one, sha256: { ...one.sha256, "./parts.mjs": "0" } } : one,
  );
  await expect(recordContents(record, changed, note)).rejects.toThrow(
    /Not as they were when this folder was begun: \.\/parts\.mjs\./,
  );
  await placedStudyFile.write(join(folder, "study.json"), placed);
  const again = placedStudyFile.read(join(folder, "study.json"))!;
  expect(planOf(again.study).map(({ key }) => key)).toEqual(planOf(placed.study).map(({ key }) => key));
});

test.each([
  [
    "methods: [base, ./none.mjs]\n",
    /study\.yaml:6:17: methods: Cannot read the method \.\/none\.mjs: ENOENT/,
  ],
  ["methods: [./parts.mjs]\n", /methods: \.\/parts\.mjs defines several: sums, quiet\. Name one behind a #/],
  ["methods: [./parts.mjs#sum]\n", /has no export "sum"\. Did you mean "sums"\?/],
  [
    "methods: [rwa]\nregularizers: [{ ./mine/huber.mjs: 3 }]\n",
    /must be a name, or a module as|must be a mapping/,
  ],
  ["methods: [rwa]\nregularizers: [./mine/huber.mjs, ./mine/huber.mjs]\n", /is there twice/],
  [
    "methods: [rwa]\nregularizers: [huber]\n",
    /unknown regularizer "huber"\. .*or name a module, as \.\/mine\.mjs/,
  ],
  ["loss: focall\n", /loss: unknown loss "focall"\. Did you mean "focal"\?/],
  [
    "loss: { name: focal, gamma: -1 }\n",
    /loss: the loss "focal"'s gamma must be a number of at least 0, not -1/,
  ],
  ["gradients: [Relu]\n", /gradients: unknown gradient "Relu"\. Name a module, as \.\/mine\.mjs\./],
  [
    "optimizer: { name: ./parts.mjs#plain, momentum: 0.9 }\n",
    /optimizer\.momentum: is of the optimizers that are named.*\.\/mine\.mjs:momentum=…/,
  ],
])("%j is refused", async (more, message) => {
  await expect(studyOf(more)).rejects.toThrow(message);
});

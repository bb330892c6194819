import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { familyFromSpec } from "../src/augment/index.ts";
import { readModel } from "../src/onnx/index.ts";
import { parseStudy } from "../src/study/index.ts";
import { CellFolder } from "../src/study/cell-folder.ts";
import { checkStudy } from "../src/study/check.ts";
import { planOf } from "../src/study/plan.ts";
import { recordContents } from "../src/study/contents-record.ts";
import { searchContents, searchOf } from "../src/study/range-search.ts";
import { runCell } from "../src/study/run-cell.ts";
import { StudyData } from "../src/study/study-data.ts";

const folder = mkdtempSync(join(tmpdir(), "alignreg-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const studyOf = (more: string) =>
  parseStudy(
    `name: s\ndata: { name: mnist, train: 32, test: 8 }\nbatchSize: 16\nfamilies: [rotation]\nmethods: [va]\n${more}`,
    "study.yaml",
  );

test("a cell is trained with the study's width, normalisation, crops, mirror images and schedule", async () => {
  const study = studyOf(`model: { name: cifarCnn, width: 4 }
mean: [0.13]
std: [0.31]
crop: 2
flip: true
schedule: { kind: cosine, warmUp: 1 }
`);
  const [cell] = planOf(study)[0].cellsAt(null);
  const job = {
    ...{ cell, folder: join(folder, "cell"), directory: folder, evaluations: [] },
    ...{ augmentation: study.augmentation, checkpointSeconds: 15, command: "test" },
  };
  await runCell(job, new StudyData(study, folder), { onProgress: () => undefined, onNote: () => undefined });
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "cell", "manifest.json"), "utf8"));
  expect(manifest).toMatchObject({
    config: { crop: 2, flip: true, augmentation: "lazy", schedule: { kind: "cosine", warmUp: 1 } },
  });
  const { graph } = readModel(readFileSync(join(folder, "cell", "model.onnx")));
  const [firstWeights] = [...graph.initializers.values()].filter(({ shape }) => shape.length === 4);
  expect(firstWeights.shape).toEqual([4, 1, 3, 3]);
  // (x − mean)/std comes first.
  expect(graph.nodes.slice(0, 2).map(({ opType }) => opType)).toEqual(["Sub", "Div"]);
});

describe("a study's ranges", () => {
  const rangedStudy = (more: string) =>
    parseStudy(
      `name: s\ndata: { name: mnist, train: 32, test: 8 }\nbatchSize: 16\nepochs: 1\nmethods: [base]\n` +
        `families: [contrast]\ntestFamilies: ["rotation:-20..20"]\n${more}`,
      "study.yaml",
    );

  test("are searched as the file says, and scores say how; the others are not", async () => {
    const study = rangedStudy("search: random\nsearchDraws: 7\nsample: 2\n");
    const [arm] = planOf(study);
    const [cell] = arm.cellsAt(null);
    expect(arm.tests.map(({ family }) => family)).toEqual(["contrast", "rotation-range=-20,20"]);
    const job = {
      ...{ cell, folder: join(folder, "ranged"), directory: folder, search: searchOf(study) },
      evaluations: [...study.families, ...study.testFamilies!].map((family) => ({
        part: "test" as const,
        family,
      })),
      ...{ augmentation: study.augmentation, checkpointSeconds: 15, command: "test" },
    };
    await runCell(job, new StudyData(study, folder), {
      onProgress: () => undefined,
      onNote: () => undefined,
    });
    const { scores, damage } = new CellFolder(job.folder).read();
    expect(damage).toEqual([]);
    expect(scores.get("test-contrast")).not.toHaveProperty("search");
    const ranged = [...scores].find(([name]) => name.startsWith("test-rotation"))![1];
    expect(ranged).toMatchObject({
      search: {
        kind: "random",
        points: 7,
        sample: 2,
        parameters: [{ name: "rotation", low: -20, high: 20 }],
      },
    });
    expect(ranged.members).toHaveLength(3);
  });

  const tested = [familyFromSpec("contrast"), familyFromSpec("rotation:-20..20")];

  test("are searched in one way in a folder", async () => {
    const record = (more: string) =>
      recordContents(
        join(folder, "contents.json"),
        searchContents(rangedStudy(more), tested),
        () => undefined,
      );
    await record("grid: [5]\n");
    await record("grid: [5]\n");
    await expect(record("grid: [7]\n")).rejects.toThrow(
      /Not as they were when this folder was begun: how ranges are searched/,
    );
  });

  test.each([
    ["grid: [5, 5]\n", /does not go with the parameters rotation. Give 1 whole number/],
    ["searchDraws: 5\n", /searchDraws would change nothing, as a grid is searched/],
    ["search: gradient\nsearchStarts: 1000000\n", /are allowed/],
  ])("are refused before a study starts with %j", (more, message) => {
    expect(() => searchContents(rangedStudy(more), tested)).toThrow(message);
  });

  test("are refused in the file with what is no option of a search", () => {
    expect(() => rangedStudy("search: gird\n")).toThrow(/search: .*grid/);
    expect(() => rangedStudy("sample: 0\n")).toThrow(/sample/);
  });
});

describe("before a study starts it is refused for", () => {
  test.each([
    [
      "a normalisation of other channels than the data's",
      "mean: [0.5, 0.5, 0.5]\n",
      /each of the 1 channels/,
    ],
    ["a search without a range", "grid: [5]\n", /grid would change nothing, as no family .* has a range/],
    ["a crop that could leave nothing", "crop: 28\n", /Give a whole number from 0 to 27/],
  ])("%s", async (_, more, message) => {
    await expect(checkStudy({ study: studyOf(more), directory: folder })).rejects.toThrow(message);
  });
});

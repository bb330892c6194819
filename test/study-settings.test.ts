import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readModel } from "../src/onnx/index.ts";
import { parseStudy } from "../src/study/index.ts";
import { checkStudy } from "../src/study/check.ts";
import { planOf } from "../src/study/plan.ts";
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

describe("before a study starts it is refused for", () => {
  test.each([
    [
      "a normalisation of other channels than the data's",
      "mean: [0.5, 0.5, 0.5]\n",
      /each of the 1 channels/,
    ],
    ["a crop that could leave nothing", "crop: 28\n", /Give a whole number from 0 to 27/],
  ])("%s", async (_, more, message) => {
    await expect(checkStudy({ study: studyOf(more), directory: folder })).rejects.toThrow(message);
  });
});

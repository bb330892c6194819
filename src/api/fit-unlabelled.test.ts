import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { greyLevels, options, twoLayers, weightsOf } from "../../test/small-run.ts";
import { rotation } from "../augment/index.ts";
import { datasetFromArrays, hideLabels, openData } from "../data/index.ts";
import type { MetricsLine } from "../train/index.ts";
import { type FitOptions, fit } from "./index.ts";
import { collapseDoubts } from "./unlabelled-images.ts";

const all = greyLevels(40);
const data = hideLabels(all, 10, "hidden");
const run = (changes: FitOptions = {}) =>
  fit(twoLayers(), data, { ...options, batchSize: 5, epochs: 2, unlabelledRatio: 2, ...changes });

describe("images without a label", () => {
  test("are of no batch by default, and behind the others by a ratio; epochs are of the others", async () => {
    const left = await run({ unlabelledRatio: 0 });
    expect(left.notes.join()).toMatch(/30 of 40 images have no label \(-1\) and are left out of training/);
    const taken = await run();
    expect(taken.notes.join()).toMatch(/30 of 40 images have no label \(-1\) and take part in the alignment/);
    expect(taken.history.at(-1)!.step).toBe(4);
    expect(left.history.at(-1)!.step).toBe(4);
    expect(taken.history[0].spread).toBeGreaterThan(0);
    expect(left.history[0]).not.toHaveProperty("spread");
    expect(taken.manifest.data).toMatchObject({ samples: 10, unlabelled: 30 });
    expect(weightsOf(taken.model)).not.toEqual(weightsOf(left.model));
  });

  test("bring no label along: what is hidden is not used, neither in training nor in validation", async () => {
    const others = { ...all, labels: all.labels.map((label, i) => (i < 10 ? label : (label + 1) % 3)) };
    const { shape, pixels, labels, classNames } = others;
    const other = hideLabels(
      datasetFromArrays({ name: "hidden", shape, pixels, labels, classNames }),
      10,
      "hidden",
    );
    const validation = hideLabels(greyLevels(12, 5), 8, "half hidden");
    const [one, two] = [
      await run({ validation }),
      await fit(twoLayers(), other, { ...options, batchSize: 5, epochs: 2, unlabelledRatio: 2, validation }),
    ];
    expect(weightsOf(two.model)).toEqual(weightsOf(one.model));
    expect(one.notes.join()).toMatch(/4 of 12 images have no label \(-1\) and are left out of validation/);
  });

  test("train by every method with an alignment term, with finite losses and accuracies of the others", async () => {
    for (const changes of [
      { method: "augmix", transforms: undefined },
      { method: "rva", regularizer: "vicreg" },
      { method: "rwa", alignSelectBy: "distance", unlabelledRatio: 0.3 },
    ] satisfies FitOptions[]) {
      const { history } = await run(changes);
      expect(history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
      expect(history.every(({ accuracy }) => accuracy <= 1)).toBe(true);
    }
  });

  test("lower the distance of those images' views", async () => {
    const [plain, aligned] = [
      await run({ alignmentWeight: 0, epochs: 12, learningRate: 0.01 }),
      await run({ alignmentWeight: 5, epochs: 12, learningRate: 0.01 }),
    ];
    expect(aligned.history.at(-1)!.alignment).toBeLessThan(plain.history.at(-1)!.alignment! / 2);
  });

  test("go on with the same bits after a stop", async () => {
    const folder = mkdtempSync(join(tmpdir(), "alignreg-"));
    try {
      const unbroken = await run({ epochs: 3 });
      const saved: FitOptions = {
        ...{ epochs: 3, checkpoint: join(folder, "c.onnx"), checkpointSeconds: 0, resume: true },
      };
      const stopped = run({
        ...saved,
        onProgress: ({ step }) => {
          if (step === 4) throw new Error("stopped");
        },
      });
      await expect(stopped).rejects.toThrow("stopped");
      const { model, history } = await run(saved);
      expect(weightsOf(model)).toEqual(weightsOf(unbroken.model));
      expect(history).toEqual(unbroken.history);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each<[FitOptions, RegExp]>([
    [{ method: "base" }, /no alignment term/],
    [{ method: "vwa" }, /no alignment term/],
    [{ regularizer: "dair" }, /compares losses, which need labels/],
    [{ regularizer: "vicreg" }, /no distance of one image/],
    [{ selection: "batch" }, /mean loss/],
    [{ hardest: 0.5 }, /hardest are told by losses/],
    [{ compat: "alignreg-1.0" }, /Leave compat out/],
    [{ unlabelledRatio: -1 }, /unlabelledRatio/],
    [{ unlabelledRatio: NaN }, /unlabelledRatio/],
  ])("refuses %j", async (changes, message) => {
    await expect(run(changes)).rejects.toThrow(message);
  });

  test("are asked for where there are none", async () => {
    const asked = fit(twoLayers(), all, { ...options, transforms: rotation(), unlabelledRatio: 1 });
    await expect(asked).rejects.toThrow(/every image of grey levels has a label/);
  });

  test("may lie in a folder unlabelled/, beside the classes' or the splits'", async () => {
    const folder = mkdtempSync(join(tmpdir(), "alignreg-"));
    try {
      const picture = (path: string, grey: number) =>
        sharp({ create: { width: 4, height: 4, channels: 3, background: { r: grey, g: grey, b: grey } } })
          .png()
          .toFile(path);
      for (const [i, place] of ["one/a", "one/b", "one/unlabelled", "two/train/a", "two/train/b"].entries()) {
        mkdirSync(join(folder, place), { recursive: true });
        await picture(join(folder, place, "1.png"), 40 * i);
      }
      for (const place of ["two/test/a", "two/test/b", "two/Unlabeled/deep"]) {
        mkdirSync(join(folder, place), { recursive: true });
        await picture(join(folder, place, "1.png"), 200);
      }
      const read = async (name: string, split: "train" | "test") => {
        const { labels, classNames } = await openData(join(folder, name), split);
        return [[...labels], classNames];
      };
      expect(await read("one", "train")).toEqual([
        [0, 1, -1],
        ["a", "b"],
      ]);
      expect(await read("two", "train")).toEqual([
        [0, 1, -1],
        ["a", "b"],
      ]);
      expect(await read("two", "test")).toEqual([
        [0, 1],
        ["a", "b"],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a collapse of their logits is a note; falling a little is none", () => {
  const line = (spread: number): MetricsLine => ({
    ...{ kind: "epoch", step: 1, epoch: 1, learningRate: 0, loss: 0, accuracy: 0, spread },
  });
  expect(collapseDoubts([line(2), line(1.2)])).toEqual([]);
  expect(collapseDoubts([line(2), line(0.01)])).toEqual([
    expect.stringMatching(/all but the same: .*0\.010/),
  ]);
  expect(collapseDoubts([line(1e-5)])).toHaveLength(1);
  expect(collapseDoubts([])).toEqual([]);
});
